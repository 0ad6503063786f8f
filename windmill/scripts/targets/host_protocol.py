"""What is done on a target's host. Apart from the rest, for it needs Ansible and Terraform: a step
that only chooses a target is installed without them."""

from collections.abc import Mapping
from typing import Any, Protocol

from ..model.drawing.deployment import Deployment
from ..provision.ansible import PlaybookResult
from ..provision.host_configuration import HostConfiguration, OnTask


class TargetHost(Protocol):
    def prepare(self, wanted: HostConfiguration, on_task: OnTask) -> PlaybookResult:
        """Afterwards the pipeline's processes run; repeating it changes nothing."""
        ...

    def destroy(
        self,
        deployment: Deployment,
        root_config: Mapping[str, Any],
        playbooks: Mapping[str, str],
        modules: Mapping[str, str],
    ) -> None:
        """Takes away all that the deployment has there. Repeating it does no harm."""
        ...
