"""/ingest: POST for texts, PUT for files, GET to list what was added, DELETE to take it away."""

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from serving.api.failures import responses
from serving.api.strict_bodies import StrictRoute
from serving.component import AcceptsDocuments
from serving.runtime import Runtime

FAILURES = responses(409, 413, 422, 503, 507)
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


class UploadedDocument(BaseModel):
    name: str
    bytes: int
    uploaded_at: float = Field(description="seconds since 1970")


class UploadedDocuments(BaseModel):
    documents: list[UploadedDocument]
    bytes: int
    max_documents: int
    max_bytes: int


def router(runtime: Runtime, sink: AcceptsDocuments) -> APIRouter:
    api = APIRouter(route_class=StrictRoute)

    async def ingest(files: dict[str, bytes]) -> Ingested:
        """What then cannot be served is not kept: the next start would fail, too."""
        undo = await sink.add(files)
        before = runtime.contents.chunks
        try:
            await runtime.refresh()
        except BaseException:
            await asyncio.to_thread(undo)
            raise
        added = [c for c in runtime.contents.chunks - before if c.document in files]
        return Ingested(added_chunks=len(added), documents=list(files))

    async def uploads() -> UploadedDocuments:
        found = await asyncio.to_thread(sink.uploads.listed)
        return UploadedDocuments(
            documents=[UploadedDocument(**vars(each)) for each in found],
            bytes=sum(each.bytes for each in found),
            max_documents=sink.uploads.room.files,
            max_bytes=sink.uploads.room.bytes,
        )

    @api.post("/ingest", responses=FAILURES, summary="Add texts to what the pipeline knows")
    async def ingest_texts(body: IngestRequest) -> Ingested:
        return await ingest({_text_name(d.name): d.text.encode() for d in body.documents})

    @api.put(
        "/ingest/{filename}",
        responses=FAILURES,
        summary="Add a PDF, office, HTML or text file",
        openapi_extra={"requestBody": {"content": RAW, "required": True}},
    )
    async def ingest_file(filename: str, request: Request) -> Ingested:
        return await ingest({filename: await request.body()})

    @api.get("/ingest", summary="What was added, and how much room there is")
    async def list_uploads() -> UploadedDocuments:
        return await uploads()

    @api.delete(
        "/ingest/{filename}", responses=responses(404, 422), summary="Take away what was added"
    )
    async def delete_upload(filename: str) -> UploadedDocuments:
        await asyncio.to_thread(sink.uploads.remove, filename)
        await runtime.refresh_without()
        return await uploads()

    return api


def _text_name(name: str) -> str:
    return name if "." in name else f"{name}.txt"
