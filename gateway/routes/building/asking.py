"""What the builder asks of a deployed pipeline where the answer is shown while it is made."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.access.guard import GuardedRoute
from gateway.clients.endpoint import EVENTS, answer_parts
from gateway.http.services import Platform
from gateway.runs.endpoint_keys import endpoint_key

UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
# As serving takes it.
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


class Turn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Literal["user", "assistant"]
    content: str = Field(max_length=20_000)


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: Text
    history: list[Turn] = Field(default=[], max_length=100)  # the oldest first


@router.post("/builder/deployments/{id}/chat", response_class=StreamingResponse)
async def chat(id: str, body: Question, platform: Platform) -> StreamingResponse:
    """The events sources, token…, then done or error, as the pipeline's own API sends them.

    Only where the pipeline answers the gateway directly: by a host's own network it is asked by a
    job of Windmill's, which gives the answer as a whole.
    """
    found = await endpoint_key(platform.windmill, platform.deployments, id)
    parts = answer_parts(found.endpoint_url, found.key, body.model_dump())
    first = await anext(parts, b"")  # so that a refusal has a status of its own
    return StreamingResponse(_all(first, parts), media_type=EVENTS, headers=UNBUFFERED)


async def _all(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Whoever goes away in the middle ends the answer where it is made, too."""
    async with aclosing(rest):
        yield first
        async for part in rest:
            yield part
