"""POST /ingest for texts, PUT /ingest/{filename} for files."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from serving.api.failures import responses
from serving.component import AcceptsDocuments
from serving.runtime import Runtime

FAILURES = responses(413, 422)
RAW = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


class TextDocument(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    text: str


class IngestRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    documents: list[TextDocument] = Field(min_length=1, max_length=1000)


class Ingested(BaseModel):
    added_chunks: int
    documents: list[str]


def router(runtime: Runtime, sink: AcceptsDocuments) -> APIRouter:
    api = APIRouter()

    async def ingest(files: dict[str, bytes]) -> Ingested:
        await sink.add(files)
        before = runtime.contents.chunks
        await runtime.refresh()
        added = [c for c in runtime.contents.chunks - before if c.document in files]
        return Ingested(added_chunks=len(added), documents=list(files))

    @api.post("/ingest", responses=FAILURES, summary="Add texts to what the pipeline knows")
    async def ingest_texts(body: IngestRequest) -> Ingested:
        return await ingest({_text_name(d.name): d.text.encode() for d in body.documents})

    @api.put(
        "/ingest/{filename}",
        responses=FAILURES,
        summary="Add a PDF, Markdown or text file",
        openapi_extra={"requestBody": {"content": RAW, "required": True}},
    )
    async def ingest_file(filename: str, request: Request) -> Ingested:
        return await ingest({filename: await request.body()})

    return api


def _text_name(name: str) -> str:
    return name if "." in name else f"{name}.txt"
