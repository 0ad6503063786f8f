"""What a flow may be: malformed ones are refused as Windmill does, and what the interpreter
cannot honour is refused by name. Keys that nobody knows are ignored, as Windmill ignores them."""

from typing import Any

from engine.errors import MalformedFlow, UnsupportedFlow

LANGUAGES = ("python3", "bash")
# Windmill knows these, and they would change what a flow does: not silently ignored.
DYNAMIC_TAG = "the embedded engine knows no tags that depend on arguments or the workspace"
_MAX_ID = 255
_NOT_HERE = {"squash", "delete_after_secs", "apply_preprocessor", "preserve_step_tags"}
# type → keys it must have
_TYPES: dict[str, set[str]] = {
    "script": {"path"},
    "rawscript": {"content", "language"},
    "flow": {"path"},
    "identity": set(),
    "forloopflow": {"modules", "iterator"},
    "whileloopflow": {"modules"},
    "branchone": {"branches", "default"},
    "branchall": {"branches"},
}
_TEXTS = ("path", "content", "language", "tag", "tag_override", "lock")
_STOP: dict[str, type] = {"expr": str, "skip_if_stopped": bool}
_SETTINGS: dict[str, dict[str, type]] = {
    "stop_after_if": _STOP,
    "stop_after_all_iters_if": _STOP,
    "skip_if": {"expr": str},
    "mock": {"enabled": bool},
}


def check_flow(value: Any) -> None:
    doc = _object(value, "value")
    _here(doc, "value")
    _modules(doc.get("modules"), "value.modules")
    for key in ("failure_module", "preprocessor_module"):
        if doc.get(key):
            _module(doc[key], f"value.{key}")
    _handler(doc.get("failure_module"))


def _handler(module: Any) -> None:
    if module and module["value"].get("type") in ("forloopflow", "whileloopflow"):
        raise UnsupportedFlow(
            where="value.failure_module",
            why="a loop cannot be a failure module: Windmill would never end the flow",
        )


def _modules(modules: Any, where: str) -> None:
    for index, module in enumerate(_list(modules, where)):
        _module(module, f"{where}[{index}]")


def _module(module: Any, where: str) -> None:
    doc = _object(module, where)
    if not isinstance(doc.get("id", ""), str):
        raise MalformedFlow(where=f"{where}.id", why="must be a text")
    if len(doc.get("id", "")) > _MAX_ID:
        raise UnsupportedFlow(where=f"{where}.id", why=f"has more than {_MAX_ID} letters")
    where = f"{where} ({doc.get('id', '')})"
    _here(doc, where)
    _settings(doc, where)
    _value(_object(doc.get("value"), f"{where}.value"), f"{where}.value")


def _settings(module: dict[str, Any], where: str) -> None:
    for key, needed in _SETTINGS.items():
        if module.get(key) is not None:
            _fields(_object(module[key], f"{where}.{key}"), needed, f"{where}.{key}")
    _retry(module.get("retry") or {}, f"{where}.retry")
    if module.get("sleep") is not None:
        _object(module["sleep"], f"{where}.sleep")
    timeout = module.get("timeout")
    if not isinstance(timeout, dict | None):
        _whole(timeout, f"{where}.timeout")


def _retry(retry: Any, where: str) -> None:
    doc = _object(retry, where)
    for kind in ("constant", "exponential"):
        policy = _object(doc.get(kind) or {}, f"{where}.{kind}")
        for key in ("attempts", "seconds"):
            _whole(policy.get(key, 0), f"{where}.{kind}.{key}")
    if doc.get("retry_if"):
        condition = _object(doc["retry_if"], f"{where}.retry_if")
        _fields(condition, {"expr": str}, f"{where}.retry_if")


def _value(value: dict[str, Any], where: str) -> None:
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise UnsupportedFlow(
            where=where, why=f"module type {kind!r} is not supported by the embedded engine"
        )
    if missing := _TYPES[kind] - value.keys():
        raise UnsupportedFlow(where=where, why=f"{kind} needs {', '.join(sorted(missing))}")
    _here(value, where)
    _texts(value, where)
    if kind == "rawscript" and value["language"] not in LANGUAGES:
        known = " and ".join(LANGUAGES)
        raise UnsupportedFlow(
            where=where, why=f"the embedded engine runs {known}, not {value['language']}"
        )
    _transforms(value, where)
    for key in ("tag", "tag_override"):
        if "$" in (value.get(key) or ""):
            raise UnsupportedFlow(where=f"{where}.{key}", why=DYNAMIC_TAG)
    _inner(value, where)


def _inner(value: dict[str, Any], where: str) -> None:
    for key in ("modules", "default"):
        _modules(value.get(key) or [], f"{where}.{key}")
    for index, branch in enumerate(_list(value.get("branches") or [], f"{where}.branches")):
        place = f"{where}.branches[{index}]"
        if "modules" not in _object(branch, place):
            raise UnsupportedFlow(where=place, why="a branch needs modules")
        _modules(branch["modules"], f"{place}.modules")


def _transforms(value: dict[str, Any], where: str) -> None:
    named = dict(_object(value.get("input_transforms") or {}, f"{where}.input_transforms"))
    named |= {"iterator": value["iterator"]} if "iterator" in value else {}
    width = value.get("parallelism")
    if not isinstance(width, dict | None) and not _positive(width):
        why = f"must be a whole number of at least 1, found {width!r}"
        raise UnsupportedFlow(where=f"{where}.parallelism", why=why)
    named |= {"parallelism": width} if isinstance(width, dict) else {}
    for name, how in named.items():
        kind = how.get("type") if isinstance(how, dict) else None
        if kind not in ("static", "javascript"):
            raise UnsupportedFlow(
                where=f"{where}.{name}", why=f"transform type {kind!r} is not supported"
            )


def _positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _here(doc: dict[str, Any], where: str) -> None:
    """An unsupported key that is absent in effect (null, false, 0, empty) is let through."""
    for key in sorted(k for k, v in doc.items() if v and k in _NOT_HERE):
        raise UnsupportedFlow(
            where=where, why=f"key {key!r} is not supported by the embedded engine"
        )


def _fields(doc: dict[str, Any], needed: dict[str, type], where: str) -> None:
    for name, kind in needed.items():
        if name not in doc:
            raise MalformedFlow(where=where, why=f"missing field `{name}`")
        if not isinstance(doc[name], kind):
            raise MalformedFlow(where=f"{where}.{name}", why=f"must be a {kind.__name__}")


def _texts(value: dict[str, Any], where: str) -> None:
    for key in _TEXTS:
        if not isinstance(value.get(key), str | None):
            raise MalformedFlow(where=f"{where}.{key}", why="must be a text")


def _whole(value: Any, where: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedFlow(where=where, why=f"must be a whole number, found {value!r}")


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedFlow(where=where, why="must be an object")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedFlow(where=where, why="must be an array")
    return value
