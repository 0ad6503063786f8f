"""Values and schemas are checked here, with words that tell what was expected."""

from collections.abc import Mapping
from typing import Any

import jsonschema

from .names import did_you_mean
from .short_form import ShortForm, expand, is_required

JSON_TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
_PLAIN: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("description", "title", "pattern", "format"), (str,)),
    **dict.fromkeys(("minimum", "maximum"), (int, float)),
    **dict.fromkeys(("required", "optional", "writeOnly"), (bool,)),
    **dict.fromkeys(("enum", "examples"), (list,)),
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


def check_values(short: ShortForm, values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What is wrong with the values: (field, message, fix), fields in dotted form."""
    validator = jsonschema.Draft202012Validator(expand(short))
    errors = sorted(validator.iter_errors(dict(values)), key=lambda error: error.json_path)
    return [item for error in errors for item in _explain(error, short)]


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
