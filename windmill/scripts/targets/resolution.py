"""From a drawing to what will run; nothing is started, registered or written."""

from collections.abc import Mapping
from typing import Any

from ..model.base.errors import InvalidInput, Problem
from ..model.base.names import did_you_mean
from ..model.base.target import Target
from ..model.drawing.component import Component
from ..model.drawing.pipeline import Pipeline
from ..model.drawing.settling import settle
from ..provision.llms.litellm_models import check_backends
from ..provision.reading.document_sources import check_sources
from .registry import TARGETS
from .selection import advice


def resolve_pipeline(
    drawn: Mapping[str, Any],
    known: Mapping[str, Component],
    inputs: Mapping[str, Any],
    declared: dict[str, Any],
    target: str | None,
) -> Pipeline:
    """The drawing as it will run; raises InvalidInput with all problems."""
    settled = settle(drawn, known, inputs, declared, _check_target(target))
    problems = _check_fits(settled, known, target)
    problems += check_sources(settled) + check_backends(settled)
    if problems:
        raise InvalidInput(problems)
    return settled


def _check_fits(
    pipeline: Pipeline, known: Mapping[str, Component], target: str | None
) -> list[Problem]:
    """One that is only planned is refused when it is chosen, and one left open has no misfits."""
    if target is None or target == Target.auto or TARGETS[Target(target)].planned:
        return []
    reasons = TARGETS[Target(target)].misfits(pipeline, known)
    fix = advice(pipeline, known) if reasons else ""
    message = f"target {target!r} does not fit: "
    return [Problem(message + reason, "target", fix, code="E-CAT-018") for reason in reasons]


def _check_target(target: str | None) -> list[Problem]:
    targets = [known.value for known in Target]
    if target is None or target in targets:
        return []
    message = f"target {target!r} does not exist"
    return [Problem(message, "target", did_you_mean(target, targets), code="E-CAT-010")]
