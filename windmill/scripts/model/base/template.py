"""`${inputs.name}` in settings: replaced once, by value, never evaluated again."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_REFERENCE = re.compile(r"\$(\$\{)|\$\{([^}]*)\}")
_INPUT = re.compile(r"inputs\.([A-Za-z_][A-Za-z0-9_]*)")


def references(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every (field, reference) in a tree of settings; the reference is the text inside `${}`."""
    if isinstance(value, str):
        for match in _REFERENCE.finditer(value):
            if match[1] is None:
                yield path, match[2]
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from references(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from references(item, f"{path}[{index}]")


def input_name(reference: str) -> str | None:
    match = _INPUT.fullmatch(reference.strip())
    return match[1] if match else None


def resolve(value: Any, inputs: Mapping[str, Any]) -> Any:
    """The tree with references replaced; a string that is one reference keeps the input's type.

    An input that was not given resolves to None. `$${` stands for a literal `${`.
    """
    if isinstance(value, str):
        return _resolve_text(value, inputs)
    if isinstance(value, Mapping):
        return {key: resolve(item, inputs) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(item, inputs) for item in value]
    return value


def _resolve_text(text: str, inputs: Mapping[str, Any]) -> Any:
    whole = _REFERENCE.fullmatch(text)
    if whole and whole[1] is None:
        return inputs.get(input_name(whole[2]) or "")
    return _REFERENCE.sub(lambda match: _replacement(match, inputs), text)


def _replacement(match: re.Match[str], inputs: Mapping[str, Any]) -> str:
    if match[1] is not None:
        return match[1]
    value = inputs.get(input_name(match[2]) or "")
    return "" if value is None else str(value)
