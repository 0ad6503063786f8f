"""The short form of JSON Schema that catalog entries use for inputs and settings.

`{path: {type: string, required: true}}` stands for an object schema with one required property.
"""

from collections.abc import Mapping
from typing import Any

import jsonschema

from .names import did_you_mean

ShortForm = Mapping[str, Mapping[str, Any]]
_OURS = ("required", "optional")
JSON_TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
_PLAIN: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("description", "title", "pattern", "format"), (str,)),
    **dict.fromkeys(("minimum", "maximum"), (int, float)),
    **dict.fromkeys(("required", "optional", "writeOnly"), (bool,)),
    "enum": (list,),
}


def expand(short: ShortForm) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an object with these properties and no others."""
    properties = {
        name: {key: value for key, value in schema.items() if key not in _OURS}
        for name, schema in short.items()
    }
    required = [name for name, schema in short.items() if is_required(schema)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def is_plain(schema: Mapping[str, Any]) -> bool:
    """Whether it is a JSON Schema at a glance; asking jsonschema takes a hundred times longer."""
    return all(_fits(key, value) for key, value in schema.items())


def _fits(key: str, value: Any) -> bool:
    if key == "items":
        return isinstance(value, dict) and is_plain(value)
    if key == "type":
        return value in JSON_TYPES
    return key == "default" or type(value) in _PLAIN.get(key, ())


def is_required(schema: Mapping[str, Any]) -> bool:
    return schema.get("required") is True


def check_values(short: ShortForm, values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What is wrong with the values: (field, message, fix), fields in dotted form."""
    validator = jsonschema.Draft202012Validator(expand(short))
    found = sorted(validator.iter_errors(dict(values)), key=lambda error: error.json_path)
    return [item for error in found for item in _explain(error, short)]


def with_defaults(short: ShortForm, values: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {name: schema["default"] for name, schema in short.items() if "default" in schema}
    return {**defaults, **values}


def _explain(error: jsonschema.ValidationError, short: ShortForm) -> list[tuple[str, str, str]]:
    field = error.json_path.removeprefix("$").removeprefix(".")
    if error.validator == "required" and not field:
        given: Any = error.instance
        missing = [name for name in short if is_required(short[name]) and name not in given]
        return [(name, "is missing", _describe(short.get(name, {}))) for name in missing]
    if error.validator == "additionalProperties" and not field:
        unknown: Any = error.instance
        extra = [name for name in unknown if name not in short]
        return [(name, "is not known here", did_you_mean(name, short)) for name in extra]
    return [(field, error.message, _describe(error.schema))]


def _describe(schema: Any) -> str:
    parts = [f"It is {schema['description']}." if schema.get("description") else ""]
    limits = {key: schema[key] for key in ("type", "enum", "minimum", "maximum") if key in schema}
    parts.append(f"Expected {', '.join(f'{k} {v}' for k, v in limits.items())}." if limits else "")
    return " ".join(part for part in parts if part)
