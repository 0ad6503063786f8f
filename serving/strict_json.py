"""JSON from people, in the form that everything behind it can carry on and give back."""

import json
import math
import re
from typing import Any

MOST_DEPTH = 64
MOST_VALUES = 2_000_000  # each takes some 70 bytes, however few it has in the text
MOST_DIGITS = 300
HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


def loads(text: bytes) -> Any:
    """Raises ValueError for what is no JSON, and for what Python takes for JSON but others do not:
    NaN, numbers without end, halves of characters, and nesting without end.
    """
    if sum(map(text.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise ValueError(f"it holds more than {MOST_VALUES} values")
    try:
        value = json.loads(text, parse_float=_finite, parse_int=_whole, parse_constant=_no_number)
    except RecursionError:
        raise ValueError(f"it is nested more than {MOST_DEPTH} deep") from None
    if text.count(b"[") + text.count(b"{") > MOST_DEPTH:
        _check_depth(value)
    if HALF_CHARACTER.search(text):
        _check_characters(value)
    return value


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _whole(text: str) -> int:
    return int(text) if len(text) <= MOST_DIGITS else _no_number(text)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text[:20]} is no number that can be calculated with")


def _check_depth(value: Any) -> None:
    depth, level = 0, [value] if isinstance(value, dict | list) else []
    while level:
        depth += 1
        if depth > MOST_DEPTH:
            raise ValueError(f"it is nested more than {MOST_DEPTH} deep")
        level = [inner for outer in level for inner in _inner(outer)]


def _inner(outer: Any) -> list[Any]:
    values = outer.values() if isinstance(outer, dict) else outer
    return [value for value in values if isinstance(value, dict | list)]


def _check_characters(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half a character (a surrogate without its other)") from None
