"""Asks an endpoint questions with known answers and says how many it gets right."""

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from serving.component import Component, Config, Context
from serving.errors import BadTable, EndpointFailed, JobRuns, NotReady, ServingError
from serving.models.answer_scoring import Scored, score, summarize
from serving.models.e5 import E5
from serving.outgoing import Gate, gate, read
from serving.port_types import Report
from serving.tables.reader import Row, stream

MOST_QUESTIONS = 2000
MOST_ANSWER_BYTES = 1_000_000


class EvaluationConfig(Config):
    endpoint: str = Field(
        pattern=r"^https?://[^\s]+/(chat|v1)$", examples=["https://llm.example/v1"]
    )
    questions: str = Field(min_length=1)
    model: str = "chat"
    metric: Literal["contains", "exact", "similarity"] = "contains"
    threshold: float = Field(default=0.88, ge=0, le=1)
    required: float = Field(default=0.8, ge=0, le=1)
    timeout_seconds: int = Field(default=120, ge=1, le=600)


class Question(BaseModel):
    question: str = Field(min_length=1)
    expected: str | list[str]

    @property
    def accepted(self) -> tuple[str, ...]:
        return (self.expected,) if isinstance(self.expected, str) else tuple(self.expected)


class Evaluation(Component):
    kind = "evaluation"
    Config = EvaluationConfig

    def __init__(self, config: EvaluationConfig, context: Context) -> None:
        super().__init__(config, context)
        self._report = EvaluationReport(config, context, gate())

    async def run(self) -> Report:
        await self._report.evaluate()
        return self._report


class EvaluationReport(Report):
    def __init__(self, config: EvaluationConfig, context: Context, gate: Gate) -> None:
        self._config = config
        self._context = context
        self._gate = gate
        self._embedder = E5(lambda progress: None, cache_folder=context.shared_folder)
        self._latest: dict[str, Any] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def latest(self) -> Mapping[str, Any]:
        if self._latest is None:
            raise NotReady(reason="the first evaluation is not finished")
        return self._latest

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        if self.running:
            raise JobRuns(run="of the evaluation")
        self._task = asyncio.create_task(self.evaluate())

    async def evaluate(self) -> None:
        """An endpoint that does not answer is a failed question, not a failed evaluation."""
        began = time.time()
        questions = await asyncio.to_thread(self._questions)
        scored: list[Scored] = []
        for at, question in enumerate(questions):
            self._context.report(f"{at} of {len(questions)} questions asked")
            scored.append(await self._scored(question))
        self._latest = {
            "endpoint": self._config.endpoint,
            "began_at": began,
            "ended_at": time.time(),
            **summarize(scored, self._config.metric, self._config.required),
        }

    async def _scored(self, question: Question) -> Scored:
        import httpx

        config, began = self._config, time.monotonic()
        try:
            answer, error = await self._ask(question.question), ""
        except ServingError as failure:
            answer, error = "", failure.message
        except httpx.HTTPError as failure:
            answer, error = "", str(failure) or type(failure).__name__
        seconds = round(time.monotonic() - began, 3)
        if error:
            expected = question.accepted
            return Scored(question.question, expected, "", False, False, 0.0, seconds, False, error)
        return await score(
            question.question,
            question.accepted,
            answer,
            seconds,
            self._embedder,
            config.metric,
            config.threshold,
        )

    async def _ask(self, question: str) -> str:
        url, body = self._config.endpoint, self._body(question)
        target = url if url.endswith("/chat") else f"{url}/chat/completions"
        seconds = self._config.timeout_seconds
        async with self._gate.open("POST", target, seconds=seconds, headers={}, json=body) as got:
            content = await read(got, MOST_ANSWER_BYTES)
        if not got.is_success:
            raise EndpointFailed(url=target, reason=f"answers {got.status_code}")
        return _answer(target, content)

    def _body(self, question: str) -> dict[str, Any]:
        if self._config.endpoint.endswith("/chat"):
            return {"question": question}
        messages = [{"role": "user", "content": question}]
        return {"model": self._config.model, "messages": messages, "temperature": 0}

    def _questions(self) -> list[Question]:
        path = Path(self._config.questions)
        questions = [_question(path.name, row) for row in stream(self._context.files, path)]
        if not 0 < len(questions) <= MOST_QUESTIONS:
            reason = f"it holds {len(questions)} questions, 1 to {MOST_QUESTIONS} are needed"
            raise BadTable(table=path.name, reason=reason)
        return questions


def _question(table: str, row: Row) -> Question:
    try:
        return Question.model_validate(row.values)
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"row {row.number}: {first['loc'][0]}: {first['msg']}"
        raise BadTable(table=table, reason=reason) from error


def _answer(url: str, content: bytes) -> str:
    try:
        answer = json.loads(content)
        if "answer" in answer:
            return str(answer["answer"])
        return str(answer["choices"][0]["message"]["content"] or "")
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise EndpointFailed(url=url, reason="gives an answer nobody understands") from error
