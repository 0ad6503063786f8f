"""What a deployment that waits for an approval would do, by what its own run settled."""

from collections.abc import Iterator, Mapping, Sequence

from ...model.base.errors import MlopsError
from ...model.cost.occurrences import Runs
from ...model.cost.optimizer import Candidate
from ...model.cost.prices import shown
from ...model.drawing.component import Component
from ...model.drawing.deployment import Deployment, State
from ...model.show.deployment_plan import Action, DeploymentPlan, Live, changes, creations
from ...model.show.plan_words import words
from ...model.show.whole_plan import PlannedStep, WholePlan
from ...store.reading import RegistryReader
from .terraform_plan import of_settled

MOST_CANDIDATES = 5


def approval_words(
    registry: RegistryReader,
    deployment_id: str,
    candidates: Sequence[Candidate],
    components: Mapping[str, Component],
    modules: Mapping[str, str],
) -> list[str]:
    """The price, the candidates and Terraform's plan; `candidates` as they were chosen."""
    deployment = registry.require(deployment_id)
    plan = _plan(registry, deployment, candidates, components)
    told, note = _terraform(registry, deployment, components, modules)
    plan = plan.model_copy(update={"terraform": told, "terraform_note": note})
    return [*words([_whole(plan)]), *_candidates(candidates)]


def _plan(
    registry: RegistryReader,
    deployment: Deployment,
    candidates: Sequence[Candidate],
    components: Mapping[str, Component],
) -> DeploymentPlan:
    pipeline, chosen = registry.pipeline(deployment.id), candidates[0].offer
    before = {each.number: each.pipeline for each in registry.revisions(deployment.id)}
    running = before.get(deployment.live_revision)
    made = () if running else tuple(creations(pipeline, components, chosen.target))
    return DeploymentPlan(
        action=Action.update if running else Action.create,
        name=deployment.name,
        target=chosen.target,
        hourly_usd=chosen.hourly_usd,
        max_hourly_usd=pipeline.compute.max_hourly_usd,
        creates=made,
        changes=tuple(changes(running, pipeline)) if running else (),
        live=_live(deployment) if running else None,
        candidates=tuple(candidates),
    )


def _live(deployment: Deployment) -> Live:
    """While the run waits it is `deploying`, and what it was is known by its error."""
    return Live(
        id=deployment.id,
        state=State.degraded if deployment.error else State.live,
        revision=deployment.live_revision,
        target=deployment.target,
    )


def _terraform(
    registry: RegistryReader,
    deployment: Deployment,
    components: Mapping[str, Component],
    modules: Mapping[str, str],
) -> tuple[tuple[str, ...], str]:
    try:
        return of_settled(registry, deployment, components, modules)
    except MlopsError as error:
        return (), f"Terraform's plan cannot be told: {error.message}"


def _whole(plan: DeploymentPlan) -> WholePlan:
    step = PlannedStep(path="", use=plan.name, runs=Runs.yes, hourly_usd=plan.hourly_usd, plan=plan)
    return WholePlan(
        action=plan.action,
        name=plan.name,
        entry="",
        hourly_usd=plan.hourly_usd or 0,
        at_least=False,
        max_hourly_usd=plan.max_hourly_usd,
        steps=(step,),
    )


def _candidates(candidates: Sequence[Candidate]) -> Iterator[str]:
    """The next is taken where the one before cannot be had."""
    for place, each in enumerate(candidates[:MOST_CANDIDATES], 1):
        offer, why = each.offer, f": {each.reason}" if each.reason else ""
        price = f"{shown(offer.hourly_usd)} USD an hour" if offer.hourly_usd else "free"
        yield f"{place}. {offer.target} {offer.name}, {price}{why}"
    if len(candidates) > MOST_CANDIDATES:
        yield f"and {len(candidates) - MOST_CANDIDATES} candidates more"
