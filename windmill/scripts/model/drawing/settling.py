"""From a drawing and its inputs to settled settings; nothing of the machine is looked at."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..base.errors import InvalidInput, Problem
from ..base.parse import parse
from ..base.short_form import with_defaults
from ..base.source import Source
from ..base.windmill_references import check_references
from ..schemas.values import check_values
from .component import Component
from .pipeline import Pipeline
from .validation import check_pipeline, normalize


def settle(
    drawn: Mapping[str, Any],
    known: Mapping[str, Component],
    inputs: Mapping[str, Any],
    declared: dict[str, Any],
    also: Sequence[Problem] = (),
) -> Pipeline:
    """Raises InvalidInput with all problems, those of `also` among them."""
    drawing = parse(Pipeline, Source(dict(drawn)))
    values = {key: value for key, value in inputs.items() if value is not None}
    problems = [*check_references({**drawn, "inputs": inputs, "declared_inputs": declared})]
    if problems:
        raise InvalidInput(problems)
    problems = [
        Problem(f"input {field} {message}", f"inputs.{field}", fix, code="E-CAT-005")
        for field, message, fix in check_values(declared, values)
    ]
    problems += also
    problems += check_pipeline(drawing, known, declared, values if not problems else None)
    if problems:
        raise InvalidInput(problems)
    return normalize(drawing, known, with_defaults(declared, values))
