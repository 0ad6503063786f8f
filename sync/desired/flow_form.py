"""A flow as the server keeps it. Pushed and exported in this form it is what comes back, for our
plan and for the dry run of the official CLI alike."""

from collections.abc import Mapping
from typing import Any

Doc = dict[str, Any]
# What Windmill says of each branch where it was left out.
_BRANCHES: Mapping[str, Doc] = {
    "branchone": {"parallel": True, "skip_failure": True},
    "branchall": {"expr": "", "parallel": True, "skip_failure": True},
}


def server_form(value: Doc) -> Doc:
    """Of a flow's `value`, at any depth; nothing of the given one is changed."""
    made = value | {"modules": _modules(value["modules"])}
    if handler := value.get("failure_module"):
        made["failure_module"] = _module(handler)
    return made


def _modules(modules: list[Doc]) -> list[Doc]:
    return [_module(module) for module in modules]


def _module(module: Doc) -> Doc:
    return module | {"value": _value(module["value"])}


def _value(value: Doc) -> Doc:
    made = dict(value)
    for key in ("modules", "default"):
        if key in made:
            made[key] = _modules(made[key])
    if value["type"] in _BRANCHES:
        made["branches"] = [_branch(each, _BRANCHES[value["type"]]) for each in value["branches"]]
    if isinstance(value.get("parallelism"), int):
        made["parallelism"] = {"type": "static", "value": value["parallelism"]}
    return made


def _branch(branch: Doc, said: Doc) -> Doc:
    return said | branch | {"modules": _modules(branch["modules"])}
