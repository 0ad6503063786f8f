"""The host of the embedded engine, or of the worker that is its machine on another Windmill."""

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ...model.base.target import OWN, Target
from ...model.cost.offer import Offer
from ...model.drawing.component import Component
from ...model.drawing.deployment import Deployment
from ...model.drawing.pipeline import Compute, Pipeline
from ...model.drawing.services import services_of
from ...provision.health import Probe
from ..protocol import COMMON_OUTPUTS, Order
from .addresses import probes_of, urls_of
from .folders import host_folder
from .free_ports import choose_ports
from .machine import ELSEWHERE, is_the_machine, machine_id, require_the_machine

SERVICES = ("api", "litellm", "model_server")


class Local:
    name = "local"
    planned = ""
    outputs = COMMON_OUTPUTS
    secrets: Sequence[str] = ()

    def unavailable(self) -> str:
        return "" if is_the_machine() else ELSEWHERE

    def machine(self, deployment: Deployment) -> str:
        require_the_machine(deployment)
        return machine_id()

    def misfits(self, pipeline: Pipeline, components: Mapping[str, Component]) -> list[str]:
        return [*_services_missing(pipeline, components), *_gpu_missing(pipeline.compute)]

    def offers(self, needs: Compute) -> list[Offer]:
        reason = "this machine costs nothing more"
        return [Offer(target=Target.local, name=OWN[Target.local], hourly_usd=0.0, reason=reason)]

    def ports(self, taken: Collection[int]) -> dict[str, int]:
        return choose_ports(SERVICES, taken)

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
        return probes_of(deployment, services)


def _services_missing(pipeline: Pipeline, components: Mapping[str, Component]) -> Iterator[str]:
    for node in pipeline.nodes:
        for service in components[node.component].services:
            if service.replace("-", "_") not in SERVICES:
                yield f"it does not run {service}, which node {node.id!r} ({node.component}) needs"


def _gpu_missing(compute: Compute) -> Iterator[str]:
    gpu = compute.gpu
    if gpu and not shutil.which("nvidia-smi"):
        yield f"this machine has no NVIDIA GPU; {gpu.count} with {gpu.memory_gb:g} GB is needed"
