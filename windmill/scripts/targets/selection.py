"""Which target a deployment goes to: the one asked for, or the cheapest that fits."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..model.base.errors import DeploymentElsewhere, TargetRefused
from ..model.base.names import did_you_mean
from ..model.base.short_form import must_be_given
from ..model.base.target import RENTED, SETTINGS, Target
from ..model.cost.choice import Choice, NotTaken
from ..model.cost.offer import Offer
from ..model.cost.optimizer import Candidate, Constraints, in_order, rank
from ..model.cost.prices import ListPrice
from ..model.drawing.component import Component
from ..model.drawing.deployment import Deployment
from ..model.drawing.pipeline import Compute, Pipeline
from ..model.drawing.place import HostPlace
from ..model.drawing.replicas import cannot_be_several, count_of
from .protocol import DeploymentTarget
from .registry import TARGETS

Components = Mapping[str, Component]
Offering = Callable[[Target, Compute], list[Offer]]
# A provider may list hundreds of machines that are all too small.
MOST_REASONS = 8
NO_SPOT = "it rents out none for this; what it has on demand is looked at"


def target_of(deployment: Deployment) -> DeploymentTarget:
    """Of a deployment whose target is chosen already."""
    return TARGETS[Target(str(deployment.target))]


def offers_of(target: Target, needs: Compute) -> list[Offer]:
    return TARGETS[target].offers(needs)


def candidates(
    asked: str,
    pipeline: Pipeline,
    components: Components,
    settings: Mapping[str, Any] | None = None,
    baselines: Sequence[ListPrice] = (),
    held: Candidate | None = None,
) -> Sequence[Candidate]:
    """Best first, one at least. Raises TargetRefused."""
    choice = choose(asked, pipeline, components, settings, baselines, held)
    if not choice.candidates:
        raise refused(asked, choice, advice(pipeline, components))
    return choice.candidates


def choose(
    asked: str,
    pipeline: Pipeline,
    components: Components,
    settings: Mapping[str, Any] | None = None,
    baselines: Sequence[ListPrice] = (),
    held: Candidate | None = None,
    offers: Offering = offers_of,
) -> Choice:
    """Everything that was looked at. Raises TargetRefused where there is no such target.

    `auto` looks at a target that must be told something only where it is told. What it is on
    already, `held`, comes first, whatever the market asks by now.
    """
    if asked not in {*Target}:
        fix = did_you_mean(asked, [target.value for target in Target])
        raise TargetRefused(target=asked, reason="there is none of this name.", fix=fix)
    told = settings or {}
    names = [name for name in TARGETS if asked in (name, Target.auto)]
    reasons = {name: [*_refusals(name, asked, told, pipeline, components)] for name in names}
    fitting = [name for name in names if not reasons[name]]
    found = [offer for name in fitting for offer in offers(name, pipeline.compute)]
    ranked = rank(found, _wanted(pipeline.compute), baselines)
    ranking = in_order(ranked, for_gpu=pipeline.compute.gpu is not None)
    best = [*ranking.candidates]
    if held and held.offer.target in fitting and _may_stay(held, pipeline.compute):
        best = [held, *best]
    silent = [name for name in fitting if name not in {offer.target for offer in found}]
    refused = [
        *(NotTaken(target=name, reason="; ".join(why)) for name, why in reasons.items() if why),
        *(NotTaken(target=name, reason="it offers nothing now") for name in silent),
        *_without_spot(pipeline.compute, fitting, found),
        *map(_not_taken, ranking.refused),
    ]
    return Choice(candidates=tuple(best), refused=tuple(refused))


def _wanted(needs: Compute) -> Constraints:
    """Each offer says itself whether its machine is large enough, and where it must be."""
    return Constraints(max_hourly_usd=needs.max_hourly_usd, spot=needs.spot)


def _without_spot(
    needs: Compute, fitting: Sequence[Target], found: Sequence[Offer]
) -> Iterator[NotTaken]:
    """Who asked for spot machines too is told where there are only others."""
    with_spot = {offer.target for offer in found if offer.spot}
    for name in fitting:
        if needs.spot and name in RENTED and name not in with_spot:
            yield NotTaken(target=name, name="spot machines", reason=NO_SPOT)


def _may_stay(held: Candidate, needs: Compute) -> bool:
    most = needs.max_hourly_usd
    return most is None or held.offer.hourly_usd <= most


def refused(asked: str, choice: Choice, fix: str) -> TargetRefused:
    reasons = dict.fromkeys(each.reason for each in choice.refused)
    return TargetRefused(target=asked, reason="; ".join([*reasons][:MOST_REASONS]), fix=fix)


def _refusals(
    name: Target,
    asked: str,
    settings: Mapping[str, Any],
    pipeline: Pipeline,
    components: Components,
) -> Iterator[str]:
    if asked == Target.auto and (missing := _untold(name, settings)):
        yield f"it must be told its {', '.join(missing)}"
    else:
        yield from refusals(TARGETS[name], pipeline, components)


def _not_taken(candidate: Candidate) -> NotTaken:
    offer = candidate.offer
    return NotTaken(
        target=offer.target,
        name=offer.name,
        hourly_usd=offer.hourly_usd,
        reason=candidate.reason,
    )


def refusals(target: DeploymentTarget, pipeline: Pipeline, components: Components) -> Iterator[str]:
    """Why the pipeline cannot be deployed there from here, in words."""
    if target.planned:
        yield f"this version provisions {_built()} only. {target.planned}"
    elif reason := target.unavailable():
        yield reason
    else:
        yield from misfits(target, pipeline, components)


def misfits(target: DeploymentTarget, pipeline: Pipeline, components: Components) -> Iterator[str]:
    yield from cannot_be_several(pipeline, components, target.alone)
    yield from target.misfits(pipeline, components)


def advice(pipeline: Pipeline, components: Components) -> str:
    """What mends a refusal: only a target that would not refuse as well is named."""
    fitting = [
        name.value
        for name, target in TARGETS.items()
        if not any(refusals(target, pipeline, components))
    ]
    if fitting:
        return f"Choose {' or '.join(fitting)}; nothing was created."
    keyless = [name for name in RENTED if _lacks_its_key_alone(name, pipeline, components)]
    if keyless:
        commands = " or ".join(f"`mlops provider-key {name}`" for name in keyless)
        return f"A machine can be rented for it: {commands} stores the key; nothing was created."
    return "No target that this version provisions can run it; nothing was created."


def _lacks_its_key_alone(name: str, pipeline: Pipeline, components: Components) -> bool:
    target = TARGETS[Target(name)]
    return not target.planned and not any(misfits(target, pipeline, components))


def _untold(target: Target, settings: Mapping[str, Any]) -> list[str]:
    known = SETTINGS.get(target, {})
    return [name for name, each in known.items() if must_be_given(each) and name not in settings]


def _built() -> str:
    return ", ".join(f"`{name}`" for name, target in TARGETS.items() if not target.planned)


def require_same_place(
    before: Deployment, target: Target, place: HostPlace | None, has_rented: bool = False
) -> None:
    """Whoever moves must leave first: what is elsewhere would be forgotten there."""
    here, there = _shown(before.target, before.place), _shown(target, place)
    if (before.ports or before.machine or has_rented) and here != there:
        raise DeploymentElsewhere(name=before.name, here=here, there=there)


def require_one_in_docker(pipeline: Pipeline, place: HostPlace | None) -> None:
    """Several are processes of one program, and there each program has a container."""
    count = count_of(pipeline)
    if count > 1 and place is not None and place.docker:
        reason = f"{count} replicas are wanted, but in Docker it runs one container of a program."
        fix = "Deploy it without `docker`, or to k3s; what is live stays as it is."
        raise TargetRefused(target=Target.ssh.value, reason=reason, fix=fix)


def _shown(target: Target | None, place: HostPlace | None) -> str:
    return f"{target} {place.identity}" if place else str(target)
