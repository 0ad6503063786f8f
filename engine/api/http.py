"""Reading requests and writing answers the way Windmill does."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive

from engine.api.json_text import check_letters, parsed
from engine.errors import BadRequest, NotFound

Doc = dict[str, Any]
T = TypeVar("T")
MAX_BODY = 64 << 20
_MOST = 1e11  # of numbers in a query: seconds from now are still a date, pages still a row


def answer(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, media_type="application/json")


def text(value: str, status: int = 200) -> Response:
    return PlainTextResponse(value, status)


def bounded(receive: Receive) -> Receive:
    """Raises BadRequest as soon as more of a body has come than is ever kept."""
    received = 0

    async def count() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY:
            raise BadRequest(why=f"the body has more than {MAX_BODY} bytes")
        return message

    return count


async def json_body(request: Request) -> Any:
    return parsed(await request.body())


async def doc_body(
    request: Request, required: Mapping[str, type | tuple[type, ...]] | None = None
) -> Doc:
    body = await json_body(request)
    check_letters(await request.body(), body)
    return checked(body, required)


def checked(body: Any, required: Mapping[str, type | tuple[type, ...]] | None = None) -> Doc:
    if not isinstance(body, dict):
        raise BadRequest(why="the body must be a JSON object")
    for key, kind in (required or {}).items():
        if key not in body:
            raise BadRequest(why=f"missing field `{key}`")
        if not isinstance(body[key], kind):
            names = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
            raise BadRequest(why=f"field `{key}` must be {names}, found {type(body[key]).__name__}")
    return body


def flag(request: Request, name: str, default: bool = False) -> bool:
    value = request.query_params.get(name)
    if value is None:
        return default
    if value not in ("true", "false"):
        raise BadRequest(why=f"query parameter `{name}` must be true or false")
    return value == "true"


def number(request: Request, name: str, default: float | None = None) -> float | None:
    value = request.query_params.get(name)
    try:
        given = default if value is None else float(value)
    except ValueError:
        given = math.nan
    if given is not None and not abs(given) <= _MOST:
        raise BadRequest(why=f"query parameter `{name}` must be a number")
    return given


def whole(request: Request, name: str, default: int) -> int:
    return int(number(request, name, default) or default)


def moment(request: Request, name: str) -> float | None:
    value = request.query_params.get(name)
    try:
        return None if value is None else seconds_of(value.replace(" ", "+"))
    except ValueError as error:
        raise BadRequest(why=f"query parameter `{name}` must be an ISO date") from error


def seconds_of(date: str) -> float:
    """Since 1970. Raises ValueError, also for years that have no seconds."""
    try:
        seconds = datetime.fromisoformat(date).timestamp()
        iso(seconds)
        return seconds
    except OverflowError as error:
        raise ValueError(f"{date} is out of range") from error


def paging(request: Request) -> tuple[int, int]:
    """Limit and offset. `per_page` 0 or more than 1000 means 1000, as in Windmill."""
    per_page, page = whole(request, "per_page", 1000), whole(request, "page", 1)
    limit = per_page if 0 < per_page <= 1000 else 1000
    return limit, (max(page, 1) - 1) * limit


def paged(request: Request, items: Sequence[T]) -> Sequence[T]:
    limit, offset = paging(request)
    return items[offset : offset + limit]


def iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def found(value: T | None, what: str) -> T:
    if value is None:
        raise NotFound(what=what)
    return value
