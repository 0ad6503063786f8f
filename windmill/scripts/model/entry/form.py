"""Arguments as Windmill's own form shows them: titles, an order, limits, hints.

Beside JSON Schema that form knows `order`, `placeholder`, `password`, `min`, `max`, `nullable` and
`showExpr` (frontend/src/lib/common.ts and components/ArgInput.svelte of Windmill). With both limits
it draws a slider. A text that nobody touches is sent as '', and as null where it is `nullable`.
"""

from collections.abc import Mapping
from typing import Any

from ..base.names import title_of
from .type_inference import is_secret

Schema = Mapping[str, Any]
SLIDER = 100


def form_field(name: str, schema: Schema) -> dict[str, Any]:
    """The JSON Schema of one argument with what the form wants beside it."""
    return {"title": title_of(name), **schema, **_limits(schema), **_hints(schema)}


def form(schema: Schema) -> dict[str, Any]:
    """Of all arguments; what people must give comes first, what is set for them last."""
    required = schema.get("required") or ()
    fields = {
        name: {**form_field(name, field), **({} if name in required else _left_out(field))}
        for name, field in schema["properties"].items()
    }
    order = sorted(fields, key=lambda name: _rank(name, fields[name], name in required))
    return {**schema, "properties": fields, "order": order}


def only_where_given(name: str) -> dict[str, str]:
    """For what only programs pass: no field, unless a run that had it is started again."""
    return {"showExpr": f"fields.{name} != null"}


def _rank(name: str, field: Schema, required: bool) -> int:
    if "showExpr" in field:
        return 5
    if required:
        return 0
    if field.get("default") is not None:
        return 4
    return {"target": 1, "name": 3}.get(name, 2)


def _limits(schema: Schema) -> dict[str, Any]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if schema.get("type") not in ("integer", "number") or least is None:
        return {}
    slides = schema["type"] == "integer" and most is not None and most - least <= SLIDER
    return {"min": least, "max": most} if slides else {"min": least}


def _left_out(schema: Schema) -> dict[str, bool]:
    is_text = schema.get("type") == "string" and "enum" not in schema
    return {"nullable": True} if is_text and schema.get("default") is None else {}


def _hints(schema: Schema) -> dict[str, Any]:
    examples = schema.get("examples") or ()
    hints: dict[str, Any] = {"placeholder": str(examples[0])} if examples else {}
    return {**hints, "password": True} if is_secret(schema) else hints
