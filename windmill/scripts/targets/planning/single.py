"""From a settled drawing and what is registered to what deploying would do."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...model.base.target import Target
from ...model.cost.choice import Choice
from ...model.cost.prices import ListPrice
from ...model.drawing.component import Component
from ...model.drawing.deployment import Deployment, State
from ...model.drawing.pipeline import Pipeline
from ...model.show.deployment_plan import Action, DeploymentPlan, Live, changes, creations
from ...store.reading import RegistryReader
from ..rental.hiring import held
from ..selection import Offering, advice, choose, offers_of, require_same_place

Components = Mapping[str, Component]


def planned(
    pipeline: Pipeline,
    components: Components,
    registry: RegistryReader | None,
    asked: str | None,
    settings: Mapping[str, Any] | None = None,
    baselines: Sequence[ListPrice] = (),
    offers: Offering = offers_of,
    is_whole: bool = True,
) -> DeploymentPlan:
    """`asked` None: the run will ask, so whatever fits is told. Not `is_whole`: some of the drawing
    is known only while it runs. Without a `registry` nothing lives of its name.

    Raises DeploymentElsewhere.
    """
    told = settings or {}
    before = _living(registry, pipeline.name) if registry else None
    kept = held(registry, before, pipeline) if registry and before else None
    choice = choose(asked or Target.auto, pipeline, components, told, baselines, kept, offers)
    taken = choice.candidates[0].offer if choice.candidates else None
    if asked and taken and before:
        here = before.place if taken.target == before.target else None
        require_same_place(before, taken.target, here)
    running = _running(registry, before) if registry and before else None
    differing = changes(running, pipeline) if running and is_whole else []
    fresh = before is None or running is None
    return DeploymentPlan(
        action=_action(
            choice, fresh, bool(differing or told) or not is_whole or not _is_well(before)
        ),
        name=pipeline.name,
        target=taken.target if asked and taken else None,
        hourly_usd=taken.hourly_usd if asked and taken else None,
        max_hourly_usd=pipeline.compute.max_hourly_usd,
        creates=tuple(creations(pipeline, components, taken.target)) if fresh and taken else (),
        changes=tuple(differing),
        live=_live(before) if before else None,
        candidates=choice.candidates,
        refused=choice.refused,
        fix="" if taken else advice(pipeline, components),
    )


def _action(choice: Choice, fresh: bool, pending: bool) -> Action:
    if not choice.candidates:
        return Action.refused
    if fresh:
        return Action.create
    return Action.update if pending else Action.nothing


def _living(registry: RegistryReader, name: str) -> Deployment | None:
    found = registry.get(name)
    return found if found and found.state != State.destroyed else None


def _is_well(before: Deployment | None) -> bool:
    return before is not None and before.state == State.live


def _running(registry: RegistryReader, before: Deployment) -> Pipeline | None:
    """None where nothing of it runs: its first deploy failed, or goes on at this moment."""
    revisions = registry.revisions(before.id)
    found = (each.pipeline for each in revisions if each.number == before.live_revision)
    return next(found, None)


def _live(before: Deployment) -> Live:
    return Live(
        id=before.id,
        state=before.state,
        revision=before.live_revision,
        target=before.target,
    )
