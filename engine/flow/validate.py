"""Refuses what the interpreter cannot honour, naming the place; nothing is silently ignored."""

from typing import Any

from engine.errors import UnsupportedFlow

_NOTES = {
    "summary",
    "description",
    "notes",
    "groups",
    "tag",
    "tag_override",
    "assets",
    "is_trigger",
    "preserve_step_tags",
}
# Windmill's open source build accepts these and does nothing with them; so do we.
_NO_EFFECT = {
    "priority",
    "concurrent_limit",
    "concurrency_key",
    "concurrency_time_window_s",
    "custom_concurrency_key",
    "debounce_key",
    "debounce_delay_s",
    "debouncing",
    "ws_error_handler_muted",
}
_COMMON = _NOTES | _NO_EFFECT
_FLOW = {"modules", "failure_module", "flow_env"}
_MODULE = {
    "id",
    "value",
    "stop_after_if",
    "stop_after_all_iters_if",
    "skip_if",
    "sleep",
    "timeout",
    "mock",
    "suspend",
    "continue_on_error",
    "retry",
}
_SUSPEND = {
    "required_events",
    "timeout",
    "resume_form",
    "hide_cancel",
    "continue_on_disapprove_timeout",
}
_RETRY = {"constant", "exponential", "retry_if"}
_STOP = {"expr", "skip_if_stopped", "error_message"}
_BRANCH = {"summary", "expr", "modules", "skip_failure", "parallel"}
# type → keys it must have, keys it may have
_TYPES: dict[str, tuple[set[str], set[str]]] = {
    "script": ({"path"}, {"input_transforms", "hash"}),
    "rawscript": ({"content", "language"}, {"input_transforms", "lock", "path"}),
    "flow": ({"path"}, {"input_transforms"}),
    "identity": (set(), {"flow"}),
    "forloopflow": ({"modules", "iterator"}, {"skip_failures", "parallel", "parallelism"}),
    "whileloopflow": ({"modules"}, {"skip_failures"}),
    "branchone": ({"branches"}, {"default"}),
    "branchall": ({"branches"}, {"parallel"}),
}


def check_flow(value: Any) -> None:
    doc = _object(value, "value")
    _keys(doc, _FLOW, "value")
    _modules(doc.get("modules", []), "value.modules")
    if doc.get("failure_module"):
        _module(
            {"id": "failure"} | _object(doc["failure_module"], "failure_module"),
            "value.failure_module",
        )


def _modules(modules: Any, where: str) -> None:
    for index, module in enumerate(_list(modules, where)):
        _module(_object(module, f"{where}[{index}]"), f"{where}[{index}]")


def _module(module: dict[str, Any], where: str) -> None:
    if not isinstance(module.get("id"), str):
        raise UnsupportedFlow(where=where, why="a module needs an id")
    where = f"{where} ({module['id']})"
    _keys(module, _MODULE, where)
    for key, allowed in (
        ("suspend", _SUSPEND),
        ("retry", _RETRY),
        ("stop_after_if", _STOP),
        ("stop_after_all_iters_if", _STOP),
    ):
        if module.get(key):
            _keys(_object(module[key], f"{where}.{key}"), allowed, f"{where}.{key}")
    for key in ("skip_if", "stop_after_if", "stop_after_all_iters_if"):
        if module.get(key) and not isinstance(module[key].get("expr"), str):
            raise UnsupportedFlow(where=f"{where}.{key}", why="needs an expr")
    _value(_object(module.get("value"), f"{where}.value"), f"{where}.value")


def _value(value: dict[str, Any], where: str) -> None:
    kind = value.get("type")
    if kind not in _TYPES:
        raise UnsupportedFlow(
            where=where, why=f"module type {kind!r} is not supported by the embedded engine"
        )
    required, optional = _TYPES[kind]
    if missing := required - value.keys():
        raise UnsupportedFlow(where=where, why=f"{kind} needs {', '.join(sorted(missing))}")
    _keys(value, required | optional | {"type"}, where)
    if kind == "rawscript" and value["language"] != "python3":
        raise UnsupportedFlow(
            where=where, why=f"the embedded engine runs python3, not {value['language']}"
        )
    _transforms(value, where)
    _inner(value, where)


def _inner(value: dict[str, Any], where: str) -> None:
    for key in ("modules", "default"):
        _modules(value.get(key) or [], f"{where}.{key}")
    for index, branch in enumerate(_list(value.get("branches", []), f"{where}.branches")):
        place = f"{where}.branches[{index}]"
        _keys(_object(branch, place), _BRANCH, place)
        _modules(branch.get("modules", []), f"{place}.modules")
        if value["type"] == "branchone" and not isinstance(branch.get("expr"), str):
            raise UnsupportedFlow(where=place, why="a branch of branchone needs an expr")


def _transforms(value: dict[str, Any], where: str) -> None:
    named = _object(value.get("input_transforms") or {}, f"{where}.input_transforms")
    if "iterator" in value:
        named = named | {"iterator": value["iterator"]}
    for name, how in named.items():
        kind = how.get("type") if isinstance(how, dict) else None
        if kind not in ("static", "javascript"):
            raise UnsupportedFlow(
                where=f"{where}.{name}", why=f"transform type {kind!r} is not supported"
            )


def _keys(doc: dict[str, Any], allowed: set[str], where: str) -> None:
    """An unsupported key that is absent in effect (null, false, 0, empty) is let through."""
    for key in sorted(k for k, v in doc.items() if v and k not in allowed | _COMMON):
        raise UnsupportedFlow(
            where=where, why=f"key {key!r} is not supported by the embedded engine"
        )


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnsupportedFlow(where=where, why="must be an object")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise UnsupportedFlow(where=where, why="must be an array")
    return value
