"""What is done on a target's host. Apart from the rest, for it needs Ansible: a step that only
chooses a target is installed without it."""

from collections.abc import Mapping
from typing import Protocol

from ..model.drawing.deployment import Deployment
from ..provision.ansible import PlaybookResult
from ..provision.host_configuration import HostConfiguration, OnTask


class TargetHost(Protocol):
    def prepare(self, wanted: HostConfiguration, on_task: OnTask) -> PlaybookResult:
        """Afterwards the pipeline's processes run; repeating it changes nothing."""
        ...

    def clear(self, deployment: Deployment, playbooks: Mapping[str, str]) -> None:
        """Ends what runs there and removes it, before Terraform destroys what it created.

        Repeating it does no harm.
        """
        ...
