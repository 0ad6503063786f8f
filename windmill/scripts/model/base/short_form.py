"""The short form of JSON Schema that catalog entries use for inputs and settings, and back.

`{path: {type: string, required: true}}` stands for an object schema with one required property.
"""

from collections.abc import Mapping
from typing import Any

Property = Mapping[str, Any]
ShortForm = Mapping[str, Property]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OURS = ("required", "optional")


def expand(short: ShortForm) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an object with these properties and no others."""
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": {name: json_schema(declared) for name, declared in short.items()},
        "required": [name for name, declared in short.items() if is_required(declared)],
        "additionalProperties": False,
    }


def shorten(schema: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The short form of an object's JSON Schema: `expand`, the other way."""
    required = schema.get("required") or ()
    return {
        name: {**declared, "required": True} if name in required else {**declared}
        for name, declared in (schema.get("properties") or {}).items()
    }


def json_schema(declared: Property) -> dict[str, Any]:
    """Of one property alone."""
    return {key: value for key, value in declared.items() if key not in _OURS}


def is_required(declared: Property) -> bool:
    return declared.get("required") is True


def may_be_missing(declared: Property) -> bool:
    """Whether whoever reads it may find nothing there."""
    return not is_required(declared) and "default" not in declared


def must_be_given(declared: Property) -> bool:
    return is_required(declared) and "default" not in declared


def with_defaults(short: ShortForm, values: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {name: each["default"] for name, each in short.items() if "default" in each}
    return {**defaults, **values}
