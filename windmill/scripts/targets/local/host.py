"""Take away all that a deployment has on a host and at a provider. Repeating it does no harm."""

import shutil
from collections.abc import Mapping
from typing import Any

from ..model.drawing.deployment import Deployment, Target
from .host_configuration import unconfigure
from .local_host import deployment_folder, require_local_host, terraform_folder
from .metrics_targets import forget_targets
from .terraform import Terraform


def tear_down(
    deployment: Deployment,
    root_config: Mapping[str, Any],
    playbooks: Mapping[str, str],
    modules: Mapping[str, str],
) -> None:
    forget_targets(deployment.id)  # first: what is taken down on purpose is no alert
    if deployment.target is None:  # it never came to a machine
        return
    if deployment.target == Target.local:
        require_local_host()
    if deployment_folder(deployment.id).exists():
        unconfigure(deployment, playbooks, print)
    if root_config:
        _destroy_infrastructure(deployment, root_config, modules)
    shutil.rmtree(deployment_folder(deployment.id), ignore_errors=True)


def _destroy_infrastructure(
    deployment: Deployment, root_config: Mapping[str, Any], modules: Mapping[str, str]
) -> None:
    terraform = Terraform(terraform_folder(deployment.id), on_line=print)
    terraform.write(root_config, modules)
    terraform.destroy()
