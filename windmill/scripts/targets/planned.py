"""A target that is a name so far: whoever asks for it is refused in words."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ..model.base.errors import TargetRefused
from ..model.cost.offer import Offer
from ..model.drawing.component import Component
from ..model.drawing.deployment import Deployment
from ..model.drawing.pipeline import Compute, Pipeline
from ..provision.health import Probe
from ..provision.reach import DIRECT, Reach
from .protocol import Order, Placement


class PlannedTarget:
    """A subclass says its `name` and what is `planned`, and replaces what is built already."""

    name: str
    planned: str
    alone = "it runs one copy of a pipeline's server so far; k3s runs several"
    outputs: Sequence[str] = ()
    secrets: Sequence[str] = ()

    @property
    def module(self) -> str:
        return self.name

    def unavailable(self) -> str:
        return ""

    def machine(self, deployment: Deployment) -> str:
        return ""

    def misfits(self, pipeline: Pipeline, components: Mapping[str, Component]) -> list[str]:
        return []

    def offers(self, needs: Compute) -> list[Offer]:
        return []

    def place(
        self, settings: Mapping[str, Any], deployment: Deployment, others: Sequence[Deployment]
    ) -> Placement:
        return Placement()

    def variables(self, order: Order) -> dict[str, Any]:
        raise not_built(self.name)

    def urls(self, deployment: Deployment, services: Sequence[str]) -> dict[str, str]:
        raise not_built(self.name)

    def probes(self, deployment: Deployment, services: Sequence[str]) -> list[Probe]:
        raise not_built(self.name)

    def reach(self, deployment: Deployment) -> AbstractContextManager[Reach]:
        return nullcontext(DIRECT)

    def surroundings(self, deployment: Deployment) -> AbstractContextManager[Mapping[str, str]]:
        return nullcontext({})


def not_built(name: str) -> TargetRefused:
    reason = "this version does not deploy there yet."
    return TargetRefused(target=name, reason=reason, fix="Choose another target.")
