"""Where a worker keeps what Terraform and Ansible need of a deployment, whatever its target."""

import os
import tempfile
from pathlib import Path


def deployment_folder(deployment_id: str) -> Path:
    """A worker that is not the embedded engine's has no folder that outlives its machine."""
    default = Path(tempfile.gettempdir()) / f"mlops-{os.getuid()}"
    return Path(os.environ.get("MLOPS_LOCAL_ROOT") or default) / deployment_id


def terraform_folder(deployment_id: str) -> Path:
    return deployment_folder(deployment_id) / "terraform"


def ansible_folder(deployment_id: str) -> Path:
    return deployment_folder(deployment_id) / "ansible"
