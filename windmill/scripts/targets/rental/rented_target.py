"""A target that rents machines: on each one server of a language model, in an image of its own."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import PurePath
from typing import Any

from ...model.cost.offer import Offer
from ...model.drawing.component import Component
from ...model.drawing.deployment import Deployment
from ...model.drawing.pipeline import Compute, Pipeline
from ...provision.errors import NoPod
from ...provision.health import Probe
from ...provision.reach import DIRECT, Reach
from ..pods import READY, pod_of
from ..protocol import COMMON_OUTPUTS, Order, Placement
from .provider_keys import missing_key

MODULE = "rented_machine"
# An image of many GB is fetched, and after it a model, before anything answers.
PATIENCE_SECONDS = 1800
# What is trained first answers once it is trained; the step itself ends after four hours.
TRAINING_SECONDS = {"llamafactory": 12_000}
NO_METRICS = ("ollama", "llamafactory")


class RentedTarget(ABC):
    """A subclass says its `name` and its offers, and how long a machine of its takes from when it
    runs until it begins to fetch an image."""

    name: str
    module = MODULE
    planned = ""
    alone = (
        "a rented machine is one server: rent one with more GPUs (compute.gpu.count), "
        "or deploy it under several names"
    )
    outputs: Sequence[str] = (*COMMON_OUTPUTS, "machine_id", "hourly_usd")
    secrets: Sequence[str] = ()
    first_start_seconds = 0

    def unavailable(self) -> str:
        return missing_key(self.name)

    def machine(self, deployment: Deployment) -> str:
        return ""

    def misfits(self, pipeline: Pipeline, components: Mapping[str, Component]) -> list[str]:
        try:
            pod_of(pipeline)
        except NoPod as error:
            return [error.message]
        return []

    @abstractmethod
    def offers(self, needs: Compute) -> list[Offer]: ...

    def place(
        self, settings: Mapping[str, Any], deployment: Deployment, others: Sequence[Deployment]
    ) -> Placement:
        return Placement()

    def variables(self, order: Order) -> dict[str, Any]:
        """Without a machine before one is rented. Raises NoPod."""
        machine = order.machine
        return {
            "deployment_id": order.deployment.id,
            "machine_id": machine.id if machine else "",
            "url": machine.url if machine else "",
            "hourly_usd": machine.hourly_usd if machine else 0,
            "health_path": pod_of(order.pipeline).health_path,
        }

    def urls(self, deployment: Deployment, services: Sequence[str]) -> dict[str, str]:
        api = deployment.endpoint_url.rstrip("/")
        (probe,) = self.probes(deployment, services)
        told = {"api": api, "health": probe.url}
        return told if {*services} & {*NO_METRICS} else {**told, "metrics": f"{api}/metrics"}

    def probes(self, deployment: Deployment, services: Sequence[str]) -> list[Probe]:
        (server,) = (name for name in services if name in READY)
        url = deployment.endpoint_url.rstrip("/") + READY[server]
        patience = TRAINING_SECONDS.get(server, PATIENCE_SECONDS) + self.first_start_seconds
        return [Probe("api", url, PurePath("api.log"), patience_seconds=patience)]

    def reach(self, deployment: Deployment) -> AbstractContextManager[Reach]:
        return nullcontext(DIRECT)

    def surroundings(self, deployment: Deployment) -> AbstractContextManager[Mapping[str, str]]:
        return nullcontext({})
