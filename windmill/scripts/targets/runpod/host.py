"""A machine at RunPod as a host: its image is complete, and it ends with the machine."""

from collections.abc import Mapping

from ...model.drawing.deployment import Deployment
from ...provision.ansible import PlaybookResult
from ...provision.host_configuration import HostConfiguration, OnTask


class RunpodHost:
    def prepare(self, wanted: HostConfiguration, on_task: OnTask) -> PlaybookResult:
        return PlaybookResult(ok=0, changed=0, failed=0, skipped=0)

    def clear(self, deployment: Deployment, playbooks: Mapping[str, str]) -> None:
        return None
