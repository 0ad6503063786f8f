"""A deployment's host, whatever its target: prepared, and taken away."""

from collections.abc import Mapping
from typing import Any

from ..model.base.target import Target
from ..model.drawing.deployment import Deployment
from ..provision.ansible import PlaybookResult
from ..provision.host_configuration import HostConfiguration, OnTask
from ..provision.metrics_targets import forget_targets
from .hosts import HOSTS


def prepare_host(wanted: HostConfiguration, on_task: OnTask) -> PlaybookResult:
    return HOSTS[Target(str(wanted.deployment.target))].prepare(wanted, on_task)


def tear_down(
    deployment: Deployment,
    root_config: Mapping[str, Any],
    playbooks: Mapping[str, str],
    modules: Mapping[str, str],
) -> None:
    """Repeating it does no harm."""
    forget_targets(deployment.id)  # first: what is taken down on purpose is no alert
    if deployment.target is not None:  # else it never came to a machine
        HOSTS[deployment.target].destroy(deployment, root_config, playbooks, modules)
