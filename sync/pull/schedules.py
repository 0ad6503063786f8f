"""A schedule that was edited in Windmill: values in its file, all else of which stays as it is."""

from typing import Any

import yaml
from pydantic import ValidationError

from windmill.scripts.model.base.windmill_paths import FOLDER

from ..desired.triggers.schedules import ENDING, SCHEDULES, Schedule
from .pulled import Edit, Left, Part

_KEPT = {*Schedule.model_fields} - {"description"}
_NOT_OURS = "a schedule from Git has none of these"


def pull_schedule(edit: Edit) -> Part:
    name = f"{SCHEDULES}/{edit.action.item.path.removeprefix(f'{FOLDER}/')}{ENDING}"
    fields = tuple(field for field in edit.fields if field in _KEPT)
    left = [*edit.left(tuple(f for f in edit.fields if f not in _KEPT), _NOT_OURS)]
    text = (edit.root / name).read_text("utf-8")
    new = with_values(text, {field: edit.held.get(field) for field in fields})
    try:
        Schedule.model_validate(yaml.safe_load(new))
    except ValidationError as error:
        why = f"Git cannot hold it: {error.errors()[0]['msg']}"
        return Part({}, (*left, Left(edit.action.item.key, fields, why)))
    return Part({name: new} if new != text else {}, tuple(left))


def with_values(text: str, values: dict[str, Any]) -> str:
    """YAML whose top-level `values` are these; no other byte changes."""
    places = _places(text)
    found = [(places[name], _flow(values[name])) for name in values if name in places]
    for node, new in sorted(found, key=lambda each: -each[0].start_mark.index):
        text = text[: node.start_mark.index] + new + _end(text, node)
    added = "".join(f"{name}: {_flow(values[name])}\n" for name in values if name not in places)
    return f"{text.rstrip()}\n{added}" if added else text


def _places(text: str) -> dict[str, yaml.Node]:
    top = yaml.compose(text, yaml.SafeLoader)
    return {key.value: value for key, value in top.value} if top else {}


def _end(text: str, node: yaml.Node) -> str:
    """What follows a value; that of a block ends where the next key begins."""
    rest = text[node.end_mark.index :]
    is_block = text[: node.end_mark.index].endswith("\n")
    return f"\n{rest}" if is_block else rest


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True)
    return str(text).removesuffix("\n").removesuffix("\n...")
