"""Take away all that a deployment has on a host and at a provider."""

import shutil
from collections.abc import Mapping
from typing import Any

from ..model.base.errors import TargetRefused
from ..model.drawing.deployment import Deployment
from ..provision.metrics_targets import forget_targets
from ..provision.terraform import SharedState, Terraform
from ..provision.workdir import deployment_folder, terraform_folder
from .hosting import host_of
from .selection import target_of


def tear_down(
    deployment: Deployment,
    root_config: Mapping[str, Any],
    playbooks: Mapping[str, str],
    modules: Mapping[str, str],
    forget: bool = False,
    shared: SharedState | None = None,
) -> None:
    """Repeating it does no harm. `forget` asks nothing of the host. `shared`: where Terraform's
    state is, if it is no file."""
    forget_targets(deployment.id)  # first: what is taken down on purpose is no alert
    if deployment.target is None:  # it never came to a machine
        return
    if not forget:
        host_of(deployment).clear(deployment, playbooks)
    if root_config and not forget:
        _destroy_infrastructure(deployment, root_config, modules, shared)
    shutil.rmtree(deployment_folder(deployment.id), ignore_errors=True)


def require_forgettable(deployment: Deployment) -> None:
    """Raises TargetRefused: only a host of one's own costs nothing when it is forgotten."""
    if deployment.place is None:
        reason = (
            f"only what is on a host of one's own can be forgotten, and {deployment.name} is not."
        )
        target, fix = str(deployment.target), f"`mlops destroy {deployment.name}` without --forget."
        raise TargetRefused(target=target, reason=reason, fix=fix)


def _destroy_infrastructure(
    deployment: Deployment,
    root_config: Mapping[str, Any],
    modules: Mapping[str, str],
    shared: SharedState | None,
) -> None:
    folder = terraform_folder(deployment.id)
    with target_of(deployment).surroundings(deployment) as surroundings:
        terraform = Terraform(folder, on_line=print, surroundings=surroundings, shared=shared)
        terraform.write(root_config, modules)
        terraform.destroy()
