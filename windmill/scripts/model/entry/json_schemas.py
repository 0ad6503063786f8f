"""The shape of catalog files as JSON Schema, for editors and for programs that write them."""

from typing import Any

from pydantic import BaseModel

from ..drawing.component import Component
from .entry import Entry

MODELS: dict[str, type[BaseModel]] = {"entry": Entry, "component": Component}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(name: str) -> dict[str, Any]:
    """Of `entry` or `component`. It tells the shape; what names mean only the checker knows."""
    return {"$schema": DIALECT, **_titled(MODELS[name].model_json_schema(by_alias=True))}


def _titled(schema: Any) -> Any:
    """Without the titles that pydantic makes of field names: editors show them as noise."""
    if isinstance(schema, list):
        return [_titled(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    # A property may itself be called `title`: then it is an object, not a text.
    kept = {key: item for key, item in schema.items() if key != "title" or isinstance(item, dict)}
    return {key: _titled(item) for key, item in kept.items()}
