"""What a job is started with: the body, the query, or the event made of both."""

import json
from typing import Any

from starlette.requests import Request

from engine.api.http import Doc, flag, json_body
from engine.errors import BadRequest

# Parameters of the call itself; any other one in a query is an argument.
_OWN = {
    "scheduled_for",
    "scheduled_in_secs",
    "parent_job",
    "root_job",
    "tag",
    "cache_ttl",
    "job_id",
    "timeout",
    "skip_preprocessor",
    "invisible_to_owner",
    "token",
    "include_header",
    "include_query",
    "queue_limit",
    "raw",
    "payload",
}


async def given(request: Request) -> Doc:
    body = await json_body(request)
    named = {k: v for k, v in request.query_params.items() if k not in _OWN}
    return named | (body if isinstance(body, dict) else {"body": body})


async def for_flow(request: Request, value: Doc) -> tuple[Doc, Doc]:
    """The flow and its arguments: an event if a preprocessor is to make them of it."""
    if not value.get("preprocessor_module"):
        return value, await given(request)
    if flag(request, "skip_preprocessor"):
        return value | {"preprocessor_module": None}, await given(request)
    return value, {"event": await _event(request)}


async def for_script(request: Request, script: Doc) -> tuple[bool, Doc]:
    """Whether its own preprocessor makes its arguments, and what is handed to it then."""
    if not script.get("has_preprocessor") or flag(request, "skip_preprocessor"):
        return False, await given(request)
    return True, {"event": await _event(request)}


async def _event(request: Request) -> Doc:
    return {
        "kind": "webhook",
        "body": await json_body(request),
        "raw_string": (await request.body()).decode(errors="replace"),
        "headers": dict(request.headers),
        "query": dict(request.query_params),
    }


def as_json_object(value: Any) -> str:
    if not isinstance(value or {}, dict):
        raise BadRequest(why="`args` must be an object")
    return json.dumps(value or {})
