"""GET /reading: what each source gave, what of it was read, and what was not and why."""

from dataclasses import dataclass

from fastapi import APIRouter
from pydantic import BaseModel

from serving.api.failures import responses
from serving.errors import NotReady
from serving.reading_report import Reading
from serving.runtime import Runtime


@dataclass(frozen=True)
class NodeReading(Reading):
    node: str


class ReadingReport(BaseModel):
    sources: list[NodeReading]


def router(runtime: Runtime) -> APIRouter:
    api = APIRouter()

    @api.get("/reading", responses=responses(503), summary="What was read, and what was not?")
    async def reading() -> ReadingReport:
        if not runtime.ready:
            raise NotReady(reason=runtime.progress)
        read = runtime.contents.readings.items()
        return ReadingReport(sources=[NodeReading(**vars(each), node=node) for node, each in read])

    return api
