"""The platform's home: one private folder that holds everything it keeps on this machine."""

import base64
import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.errors import BadOption, HomeBusy, HomeUnusable

ROOT = Path(__file__).resolve().parents[2]
# The gateway's tokens of Windmill, one a role of its callers.
ROLES = ("viewer", "builder", "operator")
ROLE_TOKENS = tuple(f"windmill_{role}_token" for role in ROLES)
# Separated by commas: what opened everything before, and still does until it is ended.
EARLIER_KEYS = "earlier_gateway_api_keys"
SECRETS = (
    "windmill_token",
    *ROLE_TOKENS,
    "secret_key",
    "gateway_api_key",
    "webhook_secret",
    "registry_key",
    "metrics_token",
)
REGISTRY_KEYS = ("REGISTRY_SECRET_KEY", "REGISTRY_SECRET_KEY_OLD")


@dataclass(frozen=True)
class Home:
    path: Path
    cache: Path

    @classmethod
    def from_environment(cls) -> "Home":
        home = os.environ.get("MLOPS_HOME") or "~/.mlops"
        cache = os.environ.get("MLOPS_CACHE") or "~/.cache/mlops"
        return cls(Path(home).expanduser().absolute(), Path(cache).expanduser().absolute())

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def deployments(self) -> Path:
        return self.path / "deployments"

    @property
    def uploads(self) -> Path:
        """What people sent from their browsers, for pipelines to read."""
        return self.path / "uploads"

    @property
    def monitoring(self) -> Path:
        return self.path / "monitoring"

    @property
    def registry_url(self) -> str:
        return f"sqlite:///{self.registry_file}"

    @property
    def registry_file(self) -> Path:
        return self.path / "registry.db"

    @property
    def access_url(self) -> str:
        """Keys and the audit log: beside the registry, of which every step is told."""
        return f"sqlite:///{self.path / 'access.db'}"

    @property
    def platform_file(self) -> Path:
        return self.path / "platform.json"

    @property
    def secrets_file(self) -> Path:
        return self.path / "secrets.json"

    def make(self) -> None:
        """Raises HomeUnusable."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
            for folder in (self.logs, self.deployments, self.path / "engine"):
                folder.mkdir(mode=0o700, exist_ok=True)
            self.cache.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"{error.filename or self.path} cannot be used: {error.strerror}"
            raise HomeUnusable(reason=reason) from error

    def secrets(self) -> dict[str, str]:
        """Made once; whatever is missing is added."""
        kept = read_json(self.secrets_file)
        missing = {name: _new(name) for name in SECRETS if not kept.get(name)}
        if missing:
            kept = {**kept, **missing}
            write_private(self.secrets_file, json.dumps(kept, indent=2))
        return kept

    def registry_keys(self) -> tuple[str, ...]:
        """The newest first: who gives one in the environment keeps it off this disk.

        Raises BadOption.
        """
        given = ",".join(os.environ.get(name, "") for name in REGISTRY_KEYS)
        if "vault:" in given:
            raise BadOption(
                what="REGISTRY_SECRET_KEY names a key in Vault, which this platform does not ask",
                fix="Give it the key itself, or leave it out: then one is made.",
            )
        return (*filter(None, map(str.strip, given.split(","))), self.secrets()["registry_key"])

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One `up` or `down` at a time; a dead process holds no lock. Raises HomeBusy."""
        with (self.path / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise HomeBusy(home=self.path) from error
            yield


def read_json(path: Path) -> dict[str, Any]:
    """Raises HomeUnusable for what is there and cannot be understood."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        fix = f"Move {path} away and run `mlops up` again."
        raise HomeUnusable(fix=fix, reason=f"{path} cannot be read ({error})") from error
    return data if isinstance(data, dict) else {}


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _new(name: str) -> str:
    """The libraries of those who send events take keys as Standard Webhooks writes them."""
    if name == "webhook_secret":
        return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    return secrets.token_urlsafe(32)
