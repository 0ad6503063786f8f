"""The host of the embedded engine: where target `local` keeps what it deploys."""

import os
from pathlib import Path

from ..model.errors import TargetRefused
from ..store.opened import is_embedded

SERVICES = ("api", "litellm", "model_server")


def require_local_host() -> None:
    """Raises TargetRefused on a Windmill that is not embedded: its workers are anybody's host."""
    if not is_embedded():
        reason = "it means the host of the embedded engine; use `ssh` or `k3s` instead."
        raise TargetRefused(target="local", reason=reason)


def deployment_folder(deployment_id: str) -> Path:
    return Path(os.environ["MLOPS_LOCAL_ROOT"]) / deployment_id


def terraform_folder(deployment_id: str) -> Path:
    return deployment_folder(deployment_id) / "terraform"


def host_folder(deployment_id: str) -> Path:
    """What the host of another target would hold; Ansible makes it and removes it."""
    return deployment_folder(deployment_id) / "host"


def ansible_folder(deployment_id: str) -> Path:
    return deployment_folder(deployment_id) / "ansible"


def cache_folder() -> Path:
    default = Path.home() / ".cache" / "mlops"
    return Path(os.environ.get("MLOPS_CACHE") or default)
