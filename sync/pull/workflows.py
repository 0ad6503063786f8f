"""A workflow that was edited in n8n: its file again, with the placeholders that it had."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..desired.workflows import WORKFLOWS
from .pulled import Edit, Part

_ABSENT = object()
ACTIVE = "active"


def pull_workflow(edit: Edit) -> Part:
    """What a placeholder stood for is a placeholder again, wherever it was not edited."""
    name = f"{WORKFLOWS}/{edit.action.item.path}.json"
    fields = dict.fromkeys(name.partition(".")[0] for name in edit.fields if name != ACTIVE)
    left = tuple(edit.left((ACTIVE,) if ACTIVE in edit.fields else (), "it is not published there"))
    if not fields:
        return Part({}, left)
    # What of its settings nobody named there is n8n's own to choose.
    settings = {name: value for name, value in edit.held["settings"].items() if value is not None}
    held = {**edit.held, "settings": settings}
    written = json.loads((edit.root / Path(name)).read_text("utf-8"))
    pushed = edit.action.item.body
    merged = {field: written_again(written[field], pushed[field], held[field]) for field in fields}
    text = json.dumps({**written, **merged}, indent=2, ensure_ascii=False) + "\n"
    return Part({name: text}, left)


def written_again(written: Any, pushed: Any, held: Any) -> Any:
    """`written` as in the file, `pushed` with its placeholders filled, `held` as it is there."""
    if held == pushed and written is not _ABSENT:
        return written
    if isinstance(held, dict):
        return _object(_dict(written), _dict(pushed), held)
    if isinstance(held, list):
        return _array(written, pushed, held)
    return held


def _object(written: Mapping[str, Any], pushed: Mapping[str, Any], held: Any) -> dict[str, Any]:
    """In the order of the file; what only filling it added stays out."""
    names = [*(name for name in written if name in held), *(n for n in held if n not in written)]
    return {
        name: written_again(written.get(name, _ABSENT), pushed.get(name, _ABSENT), held[name])
        for name in names
        if name in written or held[name] != pushed.get(name, _ABSENT)
    }


def _array(written: Any, pushed: Any, held: list[Any]) -> list[Any]:
    """Nodes are known by their ids, wherever they stand; anything else by its place."""
    before, sent = _by_id(written), _by_id(pushed)
    return [
        written_again(
            before.get(_id(item, place), _ABSENT), sent.get(_id(item, place), _ABSENT), item
        )
        for place, item in enumerate(held)
    ]


def _by_id(items: Any) -> dict[Any, Any]:
    rows = items if isinstance(items, list) else []
    return {_id(item, place): item for place, item in enumerate(rows)}


def _id(item: Any, place: int) -> Any:
    id = item.get("id") if isinstance(item, dict) else None
    return id if isinstance(id, str) else place


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
