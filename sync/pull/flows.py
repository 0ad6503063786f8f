"""A flow that was edited in Windmill: the files of its inline steps."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from windmill.scripts.model.base.windmill_paths import CATALOG, FOLDER

from ..desired.flows import FLOWS, INLINE
from ..items import Kind, changed_fields, content, fingerprints
from .pulled import Edit, Part

_COMPILED = "it is compiled from the catalog; `mlops sync plan --diff` shows what to change there"
_BY_HAND = "`mlops sync plan --diff` shows what to change in its flow.yaml"


def pull_flow(edit: Edit) -> Part:
    path = edit.action.item.path
    if path.startswith(f"{CATALOG}/"):
        return Part({}, tuple(edit.left(edit.fields, _COMPILED)))
    folder = f"{FLOWS}/{path.removeprefix(f'{FOLDER}/')}.flow"
    written = yaml.safe_load((edit.root / folder / "flow.yaml").read_text("utf-8"))
    files: dict[str, str] = {}
    body = copy.deepcopy(edit.action.item.body)
    for file, wanted, held in _inline(written["value"], body["value"], edit.held["value"]):
        if wanted["content"] != held["content"]:
            files[f"{folder}/{file}"] = wanted["content"] = held["content"]
    now = content(fingerprints(Kind.flow, edit.held))
    rest = changed_fields(content(fingerprints(Kind.flow, body)), now)
    return Part(files, tuple(edit.left(rest, _BY_HAND)))


def _inline(written: Any, wanted: Any, held: Any) -> Iterator[tuple[str, Any, Any]]:
    """File, pushed step and held step of each step whose code stands in a file of its own."""
    if isinstance(written, list) and isinstance(wanted, list) and isinstance(held, list):
        for ours, theirs, there in zip(written, wanted, held, strict=False):
            yield from _inline(ours, theirs, there)
    elif isinstance(written, Mapping) and isinstance(wanted, Mapping) and isinstance(held, Mapping):
        text = written.get("content")
        if isinstance(text, str) and text.startswith(INLINE) and "content" in held:
            yield text.removeprefix(INLINE).strip(), wanted, held
        for name in written.keys() & wanted.keys() & held.keys():
            yield from _inline(written[name], wanted[name], held[name])
