"""What a reference will be, as far as schemas tell, and whether it fits where it goes."""

from collections.abc import Mapping
from typing import Any

from ..base.reference import Reference, whole
from ..schemas.safe_schema import BadSchema, misfits
from .entry import Entry, Step

Schema = Mapping[str, Any]
ANY: Schema = {}
TEXT: Schema = {"type": "string"}
SECRET: Schema = {"type": "string", "writeOnly": True}
DEPLOYMENT: Mapping[str, Schema] = {
    "deployment_id": TEXT,
    "name": TEXT,
    "state": TEXT,
    "revision": {"type": "integer"},
    "changed": {"type": "boolean"},
    "endpoint_url": TEXT,
    "urls": {"type": "object"},
}
_PYTHON: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_PLAIN = {"type", "description", "title", "default", "required", "optional", "examples"}


class Types:
    """Types across levels; entries must be free of circles."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = entries
        self._outputs: dict[tuple[str, str], Schema] = {}

    def output(self, entry: Entry, name: str, key: str) -> Schema:
        """Of a declared output."""
        if (key, name) not in self._outputs:
            declared = entry.outputs[name]
            shown = {"type": declared.type} if declared.type else self.of(declared.value, entry)
            self._outputs[key, name] = shown
        return self._outputs[key, name]

    def of(self, value: Any, entry: Entry, step: Step | None = None) -> Schema:
        """Of a value that is written in `entry`; `step` gives `each` its meaning."""
        reference = whole(value)
        if reference is not None:
            return self.of_reference(reference, entry, step)
        if isinstance(value, str):
            return TEXT if "${" in value else {"type": "string", "enum": [value]}
        return ANY

    def of_reference(self, reference: Reference, entry: Entry, step: Step | None = None) -> Schema:
        root, path = reference.root, reference.path
        if root == "inputs" and path:
            return _inside(entry.inputs.get(reference.head, ANY), path[1:])
        if root == "steps" and path:
            return self._of_step(reference, entry)
        if root == "deployment" and path:
            return _inside(DEPLOYMENT.get(reference.head, ANY), path[1:])
        if root == "each" and path:
            return self._of_each(path, entry, step)
        return ANY

    def _of_step(self, reference: Reference, entry: Entry) -> Schema:
        step = entry.steps_by_id.get(reference.head)
        used = self.entries.get(step.use) if step else None
        if step is None or used is None:
            return ANY
        if used.run is not None and used.run.secret is not None:
            return SECRET
        if len(reference.path) == 1:
            one: Schema = {"type": "object"}
        else:
            name = str(reference.path[1])
            output = self.output(used, name, step.use) if name in used.outputs else ANY
            one = _inside(output, reference.path[2:])
        return {"type": "array", "items": one} if step.for_each is not None else one

    def _of_each(self, path: tuple[str | int, ...], entry: Entry, step: Step | None) -> Schema:
        if path[0] == "index":
            return {"type": "integer"}
        items = self.of(step.for_each, entry).get("items", ANY) if step else ANY
        return _inside(items, path[1:]) if isinstance(items, Mapping) else ANY


def _inside(schema: Schema, path: tuple[str | int, ...]) -> Schema:
    """Of a part, where the schema says so; unknown otherwise."""
    for name in path:
        inner = schema.get("items") if isinstance(name, int) else None
        if isinstance(name, str):
            inner = (schema.get("properties") or {}).get(name)
        if not isinstance(inner, Mapping):
            return ANY
        schema = inner
    return schema


def is_secret(schema: Schema) -> bool:
    """JSON Schema's own word for what is never shown again."""
    return schema.get("writeOnly") is True


def misfit(given: Schema, wanted: Schema) -> str:
    """Why what is `given` can never be what is `wanted`; '' when it may be."""
    if given.get("type") == wanted.get("type") and "enum" not in wanted:
        return ""
    have, want = _types(given), _types(wanted)
    if have and want and not any(_is(one, other) for one in have for other in want):
        return f"it is {_words(have)}, expected {_words(want)}"
    values, allowed = given.get("enum"), wanted.get("enum")
    if isinstance(values, list) and isinstance(allowed, list):
        strange = [value for value in values if value not in allowed]
        if strange:
            return f"{strange[0]!r} is not one of {', '.join(map(str, allowed))}"
    return ""


def value_misfit(value: Any, wanted: Schema) -> str:
    """Why a plain value does not fit; '' when it does."""
    kind = wanted.get("type")
    if isinstance(kind, str) and kind in _PYTHON and wanted.keys() <= _PLAIN:
        is_bool = isinstance(value, bool)
        if isinstance(value, _PYTHON[kind]) and (not is_bool or kind == "boolean"):
            return ""
    try:
        return next((message for _, message in misfits(wanted, value)), "")
    except BadSchema:
        return ""  # told where it is declared


def _types(schema: Schema) -> list[str]:
    kind = schema.get("type")
    return [kind] if isinstance(kind, str) else list(kind) if isinstance(kind, list) else []


def _is(have: str, want: str) -> bool:
    return have == want or (have == "integer" and want == "number")


def _words(kinds: list[str]) -> str:
    return " or ".join(kinds)
