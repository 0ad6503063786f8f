import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

VERSION = "CE v1.784.0-embedded"
DEFAULT_TAGS = ("python3", "bash", "flow")


@dataclass(frozen=True)
class WorkerGroup:
    """Workers that take the same jobs and give them the same variables, some at a time."""

    name: str
    tags: tuple[str, ...]
    workers: int
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    db: Path
    cache: Path
    # With their scopes; one without any may do everything.
    tokens: Mapping[str, tuple[str, ...]]
    # An address and the password that it has until another is set; without it nobody logs in.
    first_login: tuple[str, str] | None = None
    # The newest first; without one it is made and kept beside the database.
    secret_keys: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = 3000
    workspace: str = "mlops"
    workers: int = 3
    job_env: dict[str, str] = field(default_factory=dict)
    # Variables of the one worker that takes the jobs of a tag.
    tagged: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    kill_grace: float = 10.0
    # After so many days a run that ended is deleted with all its jobs; without it none is.
    retention_days: int | None = None
    max_result_bytes: int = 8_000_000
    max_log_bytes: int = 5_000_000
    python: str = sys.executable

    @cached_property
    def groups(self) -> tuple[WorkerGroup, ...]:
        default = WorkerGroup("default", DEFAULT_TAGS, self.workers)
        tagged = (WorkerGroup(tag, (tag,), 1, env) for tag, env in self.tagged.items())
        return (default, *tagged)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Those that somebody listens to."""
        return tuple(tag for group in self.groups for tag in group.tags)

    def group_of(self, tag: str) -> WorkerGroup:
        return next(group for group in self.groups if tag in group.tags)

    @property
    def base_url(self) -> str:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://{host}:{self.port}"


def read_tokens(text: str) -> dict[str, tuple[str, ...]]:
    lines = (line.split() for line in text.splitlines())
    return {words[0]: tuple(words[1:]) for words in lines if words}


def read_env_file(path: Path) -> dict[str, str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in pairs}
