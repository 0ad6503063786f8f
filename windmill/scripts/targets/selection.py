"""Which target a deployment goes to: the one asked for, or the cheapest that fits."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..model.base.errors import TargetRefused
from ..model.base.names import did_you_mean
from ..model.base.short_form import must_be_given
from ..model.base.target import SETTINGS, Target
from ..model.cost.offer import Offer
from ..model.drawing.component import Component
from ..model.drawing.deployment import Deployment
from ..model.drawing.pipeline import Pipeline
from .protocol import DeploymentTarget
from .registry import TARGETS

Components = Mapping[str, Component]


def target_of(deployment: Deployment) -> DeploymentTarget:
    """Of a deployment whose target is chosen already."""
    return TARGETS[Target(str(deployment.target))]


def candidates(
    asked: str,
    pipeline: Pipeline,
    components: Components,
    settings: Mapping[str, Any] | None = None,
) -> list[Offer]:
    """Best first. Raises TargetRefused.

    `auto` looks at a target that must be told something only where it is told.
    """
    if asked not in {*Target}:
        fix = did_you_mean(asked, [target.value for target in Target])
        raise TargetRefused(target=asked, reason="there is none of this name.", fix=fix)
    told = settings or {}
    considered = [
        target
        for name, target in TARGETS.items()
        if asked == name or (asked == Target.auto and _is_told(name, told))
    ]
    fitting = [target for target in considered if not any(refusals(target, pipeline, components))]
    offers = [offer for target in fitting for offer in target.offers(pipeline.compute)]
    if not offers:
        raise _refused(asked, considered, pipeline, components)
    return sorted(offers, key=lambda offer: offer.hourly_usd)


def refusals(target: DeploymentTarget, pipeline: Pipeline, components: Components) -> Iterator[str]:
    """Why the pipeline cannot be deployed there from here, in words."""
    if target.planned:
        yield f"this version provisions {_built()} only. {target.planned}"
    elif reason := target.unavailable():
        yield reason
    else:
        yield from target.misfits(pipeline, components)


def advice(pipeline: Pipeline, components: Components) -> str:
    """What mends a refusal: only a target that would not refuse as well is named."""
    fitting = [
        name.value
        for name, target in TARGETS.items()
        if not any(refusals(target, pipeline, components))
    ]
    if not fitting:
        return "No target that this version provisions can run it; nothing was created."
    return f"Choose {' or '.join(fitting)}; nothing was created."


def _is_told(target: Target, settings: Mapping[str, Any]) -> bool:
    known = SETTINGS.get(target, {})
    return all(name in settings for name, each in known.items() if must_be_given(each))


def _refused(
    asked: str,
    considered: Iterable[DeploymentTarget],
    pipeline: Pipeline,
    components: Components,
) -> TargetRefused:
    reasons = [reason for target in considered for reason in refusals(target, pipeline, components)]
    fix = advice(pipeline, components)
    return TargetRefused(target=asked, reason="; ".join(dict.fromkeys(reasons)), fix=fix)


def _built() -> str:
    return ", ".join(f"`{name}`" for name, target in TARGETS.items() if not target.planned)
