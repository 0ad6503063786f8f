"""From a drawing to what will run; nothing is started, registered or written."""

from collections.abc import Collection, Mapping
from typing import Any

from ..model.base.errors import InvalidInput, Problem
from ..model.base.names import did_you_mean
from ..model.base.parse import parse
from ..model.base.short_form import with_defaults
from ..model.base.source import Source
from ..model.base.target import Target
from ..model.drawing.component import Component
from ..model.drawing.pipeline import Pipeline
from ..model.drawing.settling import settle
from ..model.drawing.validation import check_pipeline, normalize
from ..model.schemas.values import check_values
from ..provision.llms.litellm_models import check_backends
from ..provision.reading.document_sources import check_sources
from ..provision.reading.table_columns import check_columns
from .registry import TARGETS
from .selection import advice, misfits


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
    problems += [*check_sources(settled), *check_columns(settled), *check_backends(settled)]
    if problems:
        raise InvalidInput(problems)
    return settled


def _check_fits(
    pipeline: Pipeline, known: Mapping[str, Component], target: str | None
) -> list[Problem]:
    """One that is only planned is refused when it is chosen, and one left open has no misfits."""
    if target is None or target == Target.auto or TARGETS[Target(target)].planned:
        return []
    reasons = list(misfits(TARGETS[Target(target)], pipeline, known))
    fix = advice(pipeline, known) if reasons else ""
    message = f"target {target!r} does not fit: "
    return [Problem(message + reason, "target", fix, code="E-CAT-018") for reason in reasons]


def _check_target(target: str | None) -> list[Problem]:
    targets = [known.value for known in Target]
    if target is None or target in targets:
        return []
    message = f"target {target!r} does not exist"
    return [Problem(message, "target", did_you_mean(target, targets), code="E-CAT-010")]


def resolve_known(
    drawn: Mapping[str, Any],
    known: Mapping[str, Component],
    inputs: Mapping[str, Any],
    declared: dict[str, Any],
    unknown: Collection[str],
) -> Pipeline:
    """Without the `unknown` inputs: the settings that they would tell have their defaults.

    Raises InvalidInput where what is told is wrong already.
    """
    told = {name: schema for name, schema in declared.items() if name not in unknown}
    values = {name: inputs[name] for name in told if inputs.get(name) is not None}
    problems = [
        Problem(f"input {field} {message}", f"inputs.{field}", fix, code="E-CAT-005")
        for field, message, fix in check_values(told, values)
    ]
    drawing = parse(Pipeline, Source(dict(drawn)))
    problems += check_pipeline(drawing, known, declared)
    if problems:
        raise InvalidInput(problems)
    return normalize(drawing, known, with_defaults(told, values))
