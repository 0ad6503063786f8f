"""The host of a target that is a name so far."""

from collections.abc import Mapping

from ..model.drawing.deployment import Deployment
from ..provision.ansible import PlaybookResult
from ..provision.host_configuration import HostConfiguration, OnTask
from .planned import not_built


class PlannedHost:
    def __init__(self, name: str) -> None:
        self.name = name

    def prepare(self, wanted: HostConfiguration, on_task: OnTask) -> PlaybookResult:
        raise not_built(self.name)

    def clear(self, deployment: Deployment, playbooks: Mapping[str, str]) -> None:
        # Calling it destroyed would forget a machine that another version may have made.
        raise not_built(self.name)
