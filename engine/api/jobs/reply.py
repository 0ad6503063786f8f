"""The answer of a call that waits: the result, in the shape the result itself asks for."""

import json
from typing import Any

from starlette.responses import Response

from engine.api.http import answer


def reply(result: Any, success: bool) -> Response:
    if not success:
        return answer(result, 422)
    status = _status(result)
    if not isinstance(result, dict) or status is None:
        return answer(result)
    headers = result.get("windmill_headers") or {}
    if "result" not in result:
        return Response(None, status, headers)
    if kind := result.get("windmill_content_type"):
        return Response(_text(result["result"]), status, headers, media_type=kind)
    made = answer(result["result"], status)
    made.headers.update(headers)
    return made


def _status(result: Any) -> int | None:
    """None when the result says nothing about its answer, or what no answer can have."""
    if not isinstance(result, dict):
        return None
    if not any(f"windmill_{key}" in result for key in ("status_code", "content_type", "headers")):
        return None
    status = result.get("windmill_status_code", 200)
    return status if isinstance(status, int) and 100 <= status < 1000 else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
