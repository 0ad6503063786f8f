"""JSON as Windmill reads it: what Python takes beyond that would fail somebody else, later."""

import json
import math
from typing import Any

from engine.errors import BadRequest

MOST_DEPTH = 128  # serde_json's


def parsed(raw: bytes) -> Any:
    """Nothing is an empty object. Raises BadRequest."""
    try:
        value = (
            json.loads(raw, parse_constant=_no_number, parse_float=_finite) if raw.strip() else {}
        )
    except (ValueError, RecursionError) as error:
        raise BadRequest(why=f"the body is not JSON: {error}") from error
    if raw.count(b"[") + raw.count(b"{") > MOST_DEPTH and _deeper(value):
        raise BadRequest(why=f"the body is not JSON: it is nested more than {MOST_DEPTH} deep")
    return value


def check_letters(raw: bytes, value: Any) -> None:
    """Half of a pair of surrogates cannot be written anywhere. Raises BadRequest."""
    if b"\\u" not in raw:
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadRequest(why="the body holds half a character (a lone surrogate)") from None


def _no_number(name: str) -> Any:
    raise ValueError(f"{name[:20]} is not a JSON value")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _deeper(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_DEPTH + 1):
        level = [inner for outer in level for inner in _inner(outer)]
    return bool(level)


def _inner(outer: Any) -> list[Any]:
    if isinstance(outer, dict):
        return list(outer.values())
    return outer if isinstance(outer, list) else []
