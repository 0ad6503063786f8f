"""Terraform's own plan of a deployment, in a folder that is thrown away: nothing is applied.

Of all targets it looks at the state alone, so it asks no provider and no host.
"""

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from ...model.base.errors import MlopsError
from ...model.base.target import SETTINGS, Target
from ...model.drawing.component import Component
from ...model.drawing.deployment import Deployment, State
from ...model.drawing.pipeline import Pipeline
from ...model.show.deployment_plan import Action, DeploymentPlan
from ...provision.states.shared_state import shared_state
from ...provision.terraform import Terraform
from ...provision.workdir import terraform_folder
from ...store.reading import RegistryReader
from ..protocol import Order, RentedMachine
from ..registry import TARGETS
from ..rental.hiring import held, is_rented
from ..rental.rented_target import MODULE
from ..root import root_of
from .single import Components

STATE = "terraform.tfstate"
NOT_YET = datetime.min.replace(tzinfo=UTC)
NOT_PLACED = "Terraform's plan is told once the host was asked where it goes, which deploying does."
NO_STATE = "this worker has not the state of Terraform, so its plan is told when it is deployed."
OTHER_MACHINE = "another machine is rented in its place: this one cannot become what is asked."


def with_terraform(
    plan: DeploymentPlan,
    pipeline: Pipeline,
    components: Components,
    registry: RegistryReader,
    modules: Mapping[str, str],
) -> DeploymentPlan:
    """The plan with what Terraform would do, or why that cannot be told."""
    if plan.target is None or plan.action not in (Action.create, Action.update):
        return plan
    if plan.live is None and SETTINGS.get(plan.target):
        return _noted(plan, NOT_PLACED)
    before = registry.require(plan.live.id) if plan.live else None
    state = _state_of(registry, before.id) if before else ""
    if before and not state:
        return _noted(plan, NO_STATE)
    try:
        deployment = _next(before, registry) if before else _first(plan.target, plan.name, registry)
        machine = _its_machine(before, pipeline, registry) if before else None
        root = root_of(Order(deployment, pipeline, components, machine))
        words = _words(root, modules, state)
    except MlopsError as error:
        return _noted(plan, f"Terraform's plan cannot be told: {error.message}")
    note = OTHER_MACHINE if before and is_rented(before) and machine is None else ""
    return plan.model_copy(update={"terraform": words, "terraform_note": note})


def of_settled(
    registry: RegistryReader,
    deployment: Deployment,
    components: Mapping[str, Component],
    modules: Mapping[str, str],
) -> tuple[tuple[str, ...], str]:
    """Of a deployment whose run has settled all but its machine; and what comes on top of it."""
    state = _state_of(registry, deployment.id)
    if deployment.live_revision and not state:
        return (), NO_STATE
    pipeline = registry.pipeline(deployment.id)
    kept = held(registry, deployment, pipeline) if is_rented(deployment) else None
    machine = (
        RentedMachine(deployment.machine, deployment.endpoint_url, kept.offer.hourly_usd)
        if kept and deployment.machine
        else None
    )
    root = root_of(Order(deployment, pipeline, components, machine))
    told = _words(root, modules, state)
    renews = deployment.live_revision and is_rented(deployment) and machine is None
    return told, OTHER_MACHINE if renews else ""


def _noted(plan: DeploymentPlan, note: str) -> DeploymentPlan:
    return plan.model_copy(update={"terraform_note": note})


def _state_of(registry: RegistryReader, deployment_id: str) -> str:
    """As Terraform wrote it; '' where this worker cannot read it, or there is none."""
    if shared := shared_state(registry.engine, deployment_id):
        return shared.read()
    file = terraform_folder(deployment_id) / STATE
    return file.read_text("utf-8") if file.is_file() else ""


def _words(root: Mapping[str, object], modules: Mapping[str, str], state: str) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as folder:
        if state:
            Path(folder, STATE).write_text(state, "utf-8")
        terraform = Terraform(Path(folder))
        terraform.write(root, modules)
        terraform.init()
        return terraform.plan().words or ("no change",)


def _next(before: Deployment, registry: RegistryReader) -> Deployment:
    newest = max((each.number for each in registry.revisions(before.id)), default=0)
    return before.model_copy(update={"revision": newest + 1})


def _first(target: Target, name: str, registry: RegistryReader) -> Deployment:
    """As it might be: its id and its ports are chosen when it is deployed."""
    fresh = Deployment(
        id=f"{name}-new",
        name=name,
        target=target,
        state=State.deploying,
        revision=1,
        created_at=NOT_YET,
        updated_at=NOT_YET,
    )
    placed = TARGETS[target].place({}, fresh, registry.list())
    return fresh.model_copy(update={"ports": placed.ports})


def _its_machine(
    before: Deployment, pipeline: Pipeline, registry: RegistryReader
) -> RentedMachine | None:
    """The one that it is on, where the same is ordered again."""
    if not is_rented(before) or held(registry, before, pipeline) is None:
        return None
    kept = registry.root_config(before.id)["module"][MODULE]
    return RentedMachine(kept["machine_id"], kept["url"], kept["hourly_usd"])
