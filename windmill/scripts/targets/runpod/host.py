"""A machine at RunPod as a host."""

from collections.abc import Mapping
from typing import Any

from ...model.drawing.deployment import Deployment
from ...provision.ansible import PlaybookResult
from ...provision.host_configuration import HostConfiguration, OnTask
from ..infrastructure import destroy_infrastructure


class RunpodHost:
    def prepare(self, wanted: HostConfiguration, on_task: OnTask) -> PlaybookResult:
        """Nothing to do: the image is complete."""
        return PlaybookResult(ok=0, changed=0, failed=0, skipped=0)

    def destroy(
        self,
        deployment: Deployment,
        root_config: Mapping[str, Any],
        playbooks: Mapping[str, str],
        modules: Mapping[str, str],
    ) -> None:
        destroy_infrastructure(deployment.id, root_config, modules)
