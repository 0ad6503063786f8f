"""POST /chat: the answer at once, or as server-sent events."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints

from serving.api.disconnect import unless_gone
from serving.api.events import UNBUFFERED, event
from serving.api.failures import responses
from serving.api.metrics import Metrics
from serving.api.strict_bodies import StrictRoute
from serving.errors import LlmError, ServingError
from serving.port_types import Chat, Passage, Token, Turn, Usage
from serving.runtime import Runtime

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: Text = Field(validation_alias=AliasChoices("question", "message"))
    history: list["HistoryTurn"] = Field(default=[], max_length=100)
    top_k: int | None = Field(default=None, ge=1, le=20, description="passages to look up")
    stream: bool = Field(default=False, description="answer as server-sent events")


class HistoryTurn(BaseModel):
    role: Literal["user", "assistant"]
    content: str = Field(max_length=20_000)


class Source(BaseModel):
    passage: str
    highlight: str = Field(description="the sentence that fits best, and the next")
    document: str
    page: int | None
    section: str = Field(description="the headings above it: `Travel › Hotels`")
    score: float


class TokenUsage(BaseModel):
    prompt_tokens: int
    completion_tokens: int


class Answer(BaseModel):
    answer: str
    sources: list[Source]
    model: str
    usage: TokenUsage | None
    seconds: float


STREAM = {
    "description": "JSON; with `stream` or `Accept: text/event-stream` the events sources, token…, "
    "then done or error",
    "content": {"text/event-stream": {}},
}


def router(runtime: Runtime, metrics: Metrics) -> APIRouter:
    api = APIRouter(route_class=StrictRoute)

    @api.post(
        "/chat",
        response_model=Answer,
        responses={200: STREAM, **responses(413, 422, 502, 503, 504)},
        summary="Ask a question",
    )
    async def chat(question: Question, request: Request) -> Response | Answer:
        exchange = Exchange(runtime.provided(Chat), question, metrics)
        if question.stream or "text/event-stream" in request.headers.get("accept", ""):
            events = exchange.events()
            return StreamingResponse(events, media_type="text/event-stream", headers=UNBUFFERED)
        return await unless_gone(request, exchange.complete())

    return api


class Exchange:
    """One question and its answer."""

    def __init__(self, chat: Chat, question: Question, metrics: Metrics) -> None:
        self._chat = chat
        self._question = question
        self._metrics = metrics
        self._started = time.monotonic()
        self._text = ""
        self._usage: Usage | None = None
        self._passages: list[Passage] = []

    async def complete(self) -> Answer:
        await self._search()
        try:
            async with aclosing(self._tokens()) as tokens:
                async for _ in tokens:
                    pass
        except LlmError as error:
            error.details["sources"] = [source.model_dump() for source in self._sources()]
            raise
        return self._answer()

    async def events(self) -> AsyncGenerator[str, None]:
        try:
            await self._search()
            yield event("sources", {"sources": [s.model_dump() for s in self._sources()]})
            async with aclosing(self._tokens()) as tokens:
                async for token in tokens:
                    yield event("token", {"text": token})
            yield event("done", self._answer().model_dump(exclude={"sources"}))
        except ServingError as error:
            yield event("error", error.body())

    async def _search(self) -> None:
        question = self._question
        self._passages = await self._chat.passages(question.question, question.top_k)

    async def _tokens(self) -> AsyncGenerator[str, None]:
        history = [Turn(turn.role, turn.content) for turn in self._question.history]
        answer = self._chat.answer(self._question.question, self._passages, history)
        try:
            async with aclosing(answer):
                async for item in answer:
                    if isinstance(item, Token):
                        self._text += item.text
                        yield item.text
                    else:
                        self._usage = item
        except LlmError as error:
            self._metrics.llm_failed(error.code)
            raise
        self._metrics.llm_answered(self._usage)

    def _sources(self) -> list[Source]:
        return [
            Source(
                passage=passage.chunk.text,
                highlight=passage.highlight,
                document=passage.chunk.document,
                page=passage.chunk.page,
                section=passage.chunk.section,
                score=passage.score,
            )
            for passage in self._passages
        ]

    def _answer(self) -> Answer:
        usage = self._usage
        return Answer(
            answer=self._text.strip(),
            sources=self._sources(),
            model=self._chat.model,
            usage=TokenUsage(**vars(usage)) if usage else None,
            seconds=round(time.monotonic() - self._started, 3),
        )
