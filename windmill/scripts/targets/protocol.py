"""What a deployment needs to know of a target. A folder here is a target: see docs/how-to."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..model.cost.offer import Offer
from ..model.drawing.component import Component
from ..model.drawing.deployment import Deployment
from ..model.drawing.pipeline import Compute, Pipeline
from ..model.drawing.place import HostPlace
from ..provision.health import Probe
from ..provision.reach import Reach

# What the rest of a deployment goes by, whatever else a module tells.
COMMON_OUTPUTS = ("deployment_id", "endpoint_url", "service_urls", "host")


@dataclass(frozen=True)
class RentedMachine:
    """`url`: where the server on it answers. `hourly_usd`: what it costs as it was rented."""

    id: str
    url: str
    hourly_usd: float


@dataclass(frozen=True)
class Order:
    """What a target is to hold: on a machine that was rented for it, where one is."""

    deployment: Deployment
    pipeline: Pipeline
    components: Mapping[str, Component]
    machine: RentedMachine | None = None


@dataclass(frozen=True)
class Placement:
    """Chosen once and kept: `ports` by process, none where the provider chooses."""

    ports: dict[str, int] = field(default_factory=dict)
    place: HostPlace | None = None


class DeploymentTarget(Protocol):
    @property
    def name(self) -> str:
        """That of its folder."""
        ...

    @property
    def module(self) -> str:
        """Its Terraform module; targets that hold the same share one."""
        ...

    @property
    def planned(self) -> str:
        """What it will be, where this version does not deploy there yet; else ''."""
        ...

    @property
    def alone(self) -> str:
        """Why it runs one copy of a pipeline's server and no more, and the way out; else ''."""
        ...

    @property
    def outputs(self) -> Sequence[str]:
        """Of its Terraform module; none where there is no module yet."""
        ...

    @property
    def secrets(self) -> Sequence[str]:
        """Variables of the module whose values come by TF_VAR_<name> and no other way."""
        ...

    def unavailable(self) -> str:
        """Why this worker cannot deploy there; '' when it can."""
        ...

    def machine(self, deployment: Deployment) -> str:
        """Whose disk and ports it lives on; '' where those are no worker's.

        Raises OnAnotherMachine.
        """
        ...

    def misfits(self, pipeline: Pipeline, components: Mapping[str, Component]) -> list[str]:
        """What the pipeline needs and this target does not give, in words."""
        ...

    def offers(self, needs: Compute) -> list[Offer]:
        """Cheapest first; those that do not fit say why."""
        ...

    def place(
        self, settings: Mapping[str, Any], deployment: Deployment, others: Sequence[Deployment]
    ) -> Placement:
        """Where exactly it goes, by what people set and, where there is one, its host says.

        `others` are all that live: no two may want the same. Nothing is left there.
        """
        ...

    def variables(self, order: Order) -> dict[str, Any]:
        """Arguments of its module: plain data, and never a secret."""
        ...

    def urls(self, deployment: Deployment, services: Sequence[str]) -> dict[str, str]:
        """Where what runs answers: `api`, and each service beside it."""
        ...

    def probes(self, deployment: Deployment, services: Sequence[str]) -> list[Probe]:
        """What must answer before the deployment is live."""
        ...

    def reach(self, deployment: Deployment) -> AbstractContextManager[Reach]:
        """The way there from here, for as long as it is used."""
        ...

    def surroundings(self, deployment: Deployment) -> AbstractContextManager[Mapping[str, str]]:
        """What Terraform's own programs find in their environment while it runs.

        Secrets stay in files of that time: the environment names them.
        """
        ...
