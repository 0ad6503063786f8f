import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

VERSION = "CE v1.784.0-embedded"


@dataclass(frozen=True)
class Settings:
    db: Path
    cache: Path
    tokens: frozenset[str]
    host: str = "127.0.0.1"
    port: int = 3000
    workspace: str = "mlops"
    workers: int = 3
    job_env: dict[str, str] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    kill_grace: float = 10.0
    max_result_bytes: int = 8_000_000
    max_log_bytes: int = 5_000_000
    python: str = sys.executable

    @property
    def base_url(self) -> str:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://{host}:{self.port}"


def read_env_file(path: Path) -> dict[str, str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in pairs}
