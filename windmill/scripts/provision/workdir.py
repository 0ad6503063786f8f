"""Where a worker keeps what Terraform and Ansible need of a deployment, whatever its target."""

import os
from pathlib import Path


def deployment_folder(deployment_id: str) -> Path:
    return Path(os.environ["MLOPS_LOCAL_ROOT"]) / deployment_id


def terraform_folder(deployment_id: str) -> Path:
    return deployment_folder(deployment_id) / "terraform"


def ansible_folder(deployment_id: str) -> Path:
    return deployment_folder(deployment_id) / "ansible"
