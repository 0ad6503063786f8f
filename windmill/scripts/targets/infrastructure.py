"""What Terraform created for a deployment, and what a worker keeps of it, taken away."""

import shutil
from collections.abc import Mapping
from typing import Any

from ..provision.terraform import Terraform
from ..provision.workdir import deployment_folder, terraform_folder


def destroy_infrastructure(
    deployment_id: str, root_config: Mapping[str, Any], modules: Mapping[str, str]
) -> None:
    if root_config:
        terraform = Terraform(terraform_folder(deployment_id), on_line=print)
        terraform.write(root_config, modules)
        terraform.destroy()
    shutil.rmtree(deployment_folder(deployment_id), ignore_errors=True)
