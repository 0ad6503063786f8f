"""Values are checked against schemas here, with words that tell what was expected."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..base.names import did_you_mean
from ..base.parse import dotted
from ..base.short_form import Property, ShortForm, is_required
from .safe_schema import misfits, unusable

JSON_TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
NO_SCHEMA = "has a schema that is not used: "

Wrong = tuple[str, str, str]


def check_values(short: ShortForm, values: Mapping[str, Any]) -> list[Wrong]:
    """What is wrong with the values: (field, message, fix), fields in dotted form."""
    bad = dict(unusable(short))
    if bad:
        return [(name, NO_SCHEMA + reason, "") for name, reason in bad.items()]
    return [*_missing(short, values), *_unknown(short, values), *_misfitting(short, values)]


def _missing(short: ShortForm, values: Mapping[str, Any]) -> Iterator[Wrong]:
    for name, declared in short.items():
        if is_required(declared) and name not in values:
            yield name, "is missing", _describe(declared)


def _unknown(short: ShortForm, values: Mapping[str, Any]) -> Iterator[Wrong]:
    for name in values:
        if name not in short:
            yield name, "is not known here", did_you_mean(name, short)


def _misfitting(short: ShortForm, values: Mapping[str, Any]) -> Iterator[Wrong]:
    for name in sorted(short.keys() & values.keys()):
        for path, message in misfits(short[name], values[name]):
            yield dotted((name, *path)), message, _describe(short[name])


def _describe(declared: Property) -> str:
    parts = [f"It is {declared['description']}." if declared.get("description") else ""]
    limits = {k: declared[k] for k in ("type", "enum", "minimum", "maximum") if k in declared}
    parts.append(f"Expected {', '.join(f'{k} {v}' for k, v in limits.items())}." if limits else "")
    return " ".join(part for part in parts if part)
