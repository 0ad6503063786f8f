"""This machine as a host: the playbooks run on it without a connection."""

from collections.abc import Mapping

from ...model.drawing.deployment import Deployment
from ...provision.ansible import PlaybookResult
from ...provision.host_configuration import Host, HostConfiguration, OnTask, configure, unconfigure
from ...provision.workdir import ansible_folder, deployment_folder
from .addresses import HOST
from .folders import cache_folder, host_folder
from .machine import require_the_machine
from .standalone import LOCALHOST


class LocalHost:
    def prepare(self, wanted: HostConfiguration, on_task: OnTask) -> PlaybookResult:
        require_the_machine(wanted.deployment)
        return configure(_host(wanted.deployment.id), wanted, on_task)

    def clear(self, deployment: Deployment, playbooks: Mapping[str, str]) -> None:
        require_the_machine(deployment)
        if deployment_folder(deployment.id).exists():
            unconfigure(_host(deployment.id), deployment, playbooks, print)


def _host(deployment_id: str) -> Host:
    return Host(
        inventory=LOCALHOST,
        address=HOST,
        root=host_folder(deployment_id),
        workdir=ansible_folder(deployment_id),
        cache=cache_folder(),
    )
