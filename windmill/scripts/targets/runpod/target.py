"""A GPU machine (a Pod) at RunPod, by the official Terraform provider."""

from collections.abc import Mapping
from typing import Any

from ...model.base.errors import TargetRefused
from ...model.base.target import Target
from ...model.cost.offer import Offer
from ...model.drawing.component import Component
from ...model.drawing.pipeline import Compute, Pipeline
from ...provision.errors import NoPod
from ..listed_offers import listed_offers
from ..planned import PlannedTarget
from ..pods import WORKSPACE, pod_of
from ..protocol import COMMON_OUTPUTS, Order

CONTAINER_DISK_GB = 40


class Runpod(PlannedTarget):
    name = "runpod"
    planned = "RunPod's machines are described and priced already, and not yet rented."
    outputs = (*COMMON_OUTPUTS, "pod_id", "hourly_usd")
    secrets = ("service_key",)

    def misfits(self, pipeline: Pipeline, components: Mapping[str, Component]) -> list[str]:
        try:
            pod_of(pipeline)
        except NoPod as error:
            return [error.message]
        return []

    def offers(self, needs: Compute) -> list[Offer]:
        return listed_offers(Target.runpod, needs)

    def variables(self, order: Order) -> dict[str, Any]:
        """Raises NoPod, TargetRefused."""
        if order.offer is None:
            reason = "no machine was chosen."
            raise TargetRefused(target=self.name, reason=reason, fix="Choose one of its offers.")
        pod, compute, deployment = pod_of(order.pipeline), order.pipeline.compute, order.deployment
        return {
            "deployment_id": deployment.id,
            "name": f"{deployment.id}-{order.attempt}",
            "image": pod.image,
            "args": pod.args,
            "env": dict(pod.env),
            "key_variable": pod.key_variable,
            "port": pod.port,
            "health_path": pod.health_path,
            "gpu_type_id": order.offer.machine,
            "gpu_count": compute.gpu.count if compute.gpu else 1,
            "cloud": order.offer.pool or "SECURE",
            "disk_gb": CONTAINER_DISK_GB,
            "volume": {"size": compute.disk_gb or CONTAINER_DISK_GB, "path": WORKSPACE},
        }
