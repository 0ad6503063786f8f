"""The host of the embedded engine, or of the worker that is its machine on another Windmill."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ...model.base.target import OWN, Target
from ...model.cost.offer import Offer
from ...model.drawing.component import Component
from ...model.drawing.deployment import Deployment
from ...model.drawing.pipeline import Compute, Pipeline
from ...model.drawing.services import services_of
from ...provision.health import Probe
from ...provision.reach import DIRECT, Reach
from ..addresses import SERVICES, probes_of, services_missing, urls_of
from ..protocol import COMMON_OUTPUTS, Order, Placement
from .folders import host_folder
from .free_ports import choose_ports
from .machine import ELSEWHERE, is_the_machine, machine_id, require_the_machine


class Local:
    name = "local"
    module = "local"
    planned = ""
    alone = ""
    outputs = COMMON_OUTPUTS
    secrets: Sequence[str] = ()

    def unavailable(self) -> str:
        return "" if is_the_machine() else ELSEWHERE

    def machine(self, deployment: Deployment) -> str:
        require_the_machine(deployment)
        return machine_id()

    def misfits(self, pipeline: Pipeline, components: Mapping[str, Component]) -> list[str]:
        return [*services_missing(pipeline, components), *_gpu_missing(pipeline.compute)]

    def offers(self, needs: Compute) -> list[Offer]:
        reason = "this machine costs nothing more"
        return [Offer(target=Target.local, name=OWN[Target.local], hourly_usd=0.0, reason=reason)]

    def place(
        self, settings: Mapping[str, Any], deployment: Deployment, others: Sequence[Deployment]
    ) -> Placement:
        taken = {port for each in others if not each.place for port in each.ports.values()}
        return Placement(deployment.ports or choose_ports(SERVICES, taken))

    def variables(self, order: Order) -> dict[str, Any]:
        deployment = order.deployment
        return {
            "deployment_id": deployment.id,
            "name": deployment.name,
            "root": str(host_folder(deployment.id)),
            "ports": deployment.ports,
            "services": services_of(order.pipeline, order.components),
            "labels": {"deployment": deployment.id, "revision": str(deployment.revision)},
        }

    def urls(self, deployment: Deployment, services: Sequence[str]) -> dict[str, str]:
        return urls_of(deployment, services)

    def probes(self, deployment: Deployment, services: Sequence[str]) -> list[Probe]:
        return probes_of(deployment, services, host_folder(deployment.id) / "logs")

    def reach(self, deployment: Deployment) -> AbstractContextManager[Reach]:
        return nullcontext(DIRECT)

    def surroundings(self, deployment: Deployment) -> AbstractContextManager[Mapping[str, str]]:
        return nullcontext({})


def _gpu_missing(compute: Compute) -> Iterator[str]:
    gpu = compute.gpu
    if gpu and not shutil.which("nvidia-smi"):
        yield f"this machine has no NVIDIA GPU; {gpu.count} with {gpu.memory_gb:g} GB is needed"
