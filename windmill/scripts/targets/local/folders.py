"""Where a deployment's host is, on this machine."""

import os
from pathlib import Path

from ...provision.workdir import deployment_folder


def host_folder(deployment_id: str) -> Path:
    """What the host of another target would hold; Ansible makes it and removes it."""
    return deployment_folder(deployment_id) / "host"


def cache_folder() -> Path:
    default = Path.home() / ".cache" / "mlops"
    return Path(os.environ.get("MLOPS_CACHE") or default)
