"""A deployed pipeline's own API, asked in a person's place; what it answers passes as it comes."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx

from gateway.errors import EndpointSilent

# Between two parts of an answer; a model on a busy machine thinks that long before its first word.
PATIENCE_SECONDS = 120.0
EVENTS = "text/event-stream"


async def answer_parts(url: str, key: str, asked: dict[str, Any]) -> AsyncGenerator[bytes, None]:
    """The events of POST /chat, whose body is `asked`. Raises EndpointSilent before the first of
    them, and never later: an answer that breaks off ends with an event that says so.
    """
    begun = False
    try:
        async with aclosing(_sent(url, key, asked)) as parts:
            async for part in parts:
                begun = True
                yield part
    except httpx.HTTPError as error:
        silent = EndpointSilent(url=url, reason=str(error) or type(error).__name__)
        if not begun:
            raise silent from error
        yield f"\n\nevent: error\ndata: {json.dumps({'error': silent.as_dict()})}\n\n".encode()


async def _sent(url: str, key: str, asked: dict[str, Any]) -> AsyncGenerator[bytes, None]:
    headers = {"Authorization": f"Bearer {key}", "Accept": EVENTS}
    body = {**asked, "stream": True}
    async with (
        httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as http,
        http.stream("POST", f"{url.rstrip('/')}/chat", json=body, headers=headers) as answer,
    ):
        if answer.status_code != 200 or not answer.headers["content-type"].startswith(EVENTS):
            raise EndpointSilent(url=url, reason=f"status {answer.status_code}, and no events")
        async for part in answer.aiter_bytes():
            yield part
