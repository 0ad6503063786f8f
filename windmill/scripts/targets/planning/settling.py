"""From the arguments of the deploying flow to the drawing as it would run."""

from collections.abc import Collection, Mapping
from typing import Any

from ...model.base.names import fitting
from ...model.cost.spending import allowance, capped_at
from ...model.drawing.component import Component
from ...model.drawing.pipeline import Pipeline
from ..resolution import resolve_known, resolve_pipeline


def settled(
    asked: Mapping[str, Any], components: Mapping[str, Component], unknown: Collection[str] = ()
) -> Pipeline:
    """`unknown`: inputs that are known only while it runs. Raises InvalidInput."""
    pipeline, name = asked.get("pipeline") or {}, asked.get("name")
    drawn = {**pipeline, "name": fitting(name) if name else pipeline.get("name")}
    inputs, declared = asked.get("inputs") or {}, asked.get("declared_inputs") or {}
    if unknown:
        found = resolve_known(drawn, components, inputs, declared, unknown)
    else:
        # What does not fit is refused by the choice of a target, beside what else there is.
        found = resolve_pipeline(drawn, components, inputs, declared, None)
    return capped_at(found, allowance(asked.get("max_hourly_usd")))
