"""Summaries by map and reduce: parts that fit the model, then the summary of their summaries."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from serving.component import Component, Config
from serving.documents.chunking import WORD, split
from serving.documents.extractive_summary import content_words, extract, shorten
from serving.errors import BadRequest, LlmError
from serving.models.llm import Llm
from serving.port_types import Document, Summarizer, Summary

PROMPT = "Summarise the text in at most {count} short sentences. Use only what it says."
# A summary that shares fewer of its words with the text tells something else.
GROUNDED_SHARE = 0.75


class SummarizerConfig(Config):
    model: str = Field(default="smollm2", min_length=1)
    method: Literal["auto", "extractive"] = "auto"
    sentences: int = Field(default=3, ge=1, le=20)
    part_words: int = Field(default=220, ge=50, le=4000)
    max_parts: int = Field(default=12, ge=1, le=200)
    max_tokens: int = Field(default=120, ge=16, le=2000)


class SummarizerModel(Component):
    kind = "summarizer"
    services = ("model-server", "litellm")
    Config = SummarizerConfig

    async def run(self) -> Summarizer:
        return MapReduce(self.config, self.context.llm)


class Ungrounded(Exception):
    """Why the model's words cannot be given out as a summary."""


class MapReduce(Summarizer):
    def __init__(self, config: SummarizerConfig, llm: Llm) -> None:
        self._config = config
        self._llm = llm

    async def predict(self, inputs: Sequence[Any]) -> Sequence[Any]:
        if not all(isinstance(text, str) and text.strip() for text in inputs):
            raise BadRequest(reason="input: a text is needed")
        return [(await self.summarize(text, None)).text for text in inputs]

    async def summarize(self, text: str, sentences: int | None) -> Summary:
        count = sentences or self._config.sentences
        parts = self._parts(text)
        if self._config.method == "extractive":
            return self._extracted(text, count, "this pipeline only extracts", len(parts))
        try:
            summary = await self._reduce(parts, count)
            _check_grounded(summary, text)
        except (LlmError, Ungrounded) as error:
            return self._extracted(text, count, str(error), len(parts))
        return Summary(summary, "llm", "", len(parts))

    async def _reduce(self, parts: list[str], count: int) -> str:
        summaries = [await self._ask(part, count) for part in parts]
        if len(summaries) == 1:
            return summaries[0]
        return await self._reduce(self._parts("\n\n".join(summaries), shorter=len(parts)), count)

    def _parts(self, text: str, shorter: int = 0) -> list[str]:
        """At most `max_parts`, and fewer than `shorter`: so the reduction comes to its end."""
        most = min(self._config.max_parts, shorter - 1) if shorter else self._config.max_parts
        while len(parts := self._split(text)) > most:
            kept = len(WORD.findall(text)) * most // (len(parts) + 1)
            text = shorten(text, kept)
        return parts

    def _split(self, text: str) -> list[str]:
        whole = Document("", None, text)
        return [text[start:end] for start, end in split(whole, self._config.part_words, 0)]

    async def _ask(self, text: str, count: int) -> str:
        system = PROMPT.format(count=count)
        return await self._llm.complete(
            {
                "model": self._config.model,
                "messages": [
                    {"role": "system", "content": system},
                    {"role": "user", "content": f"{text}\n\n{system}"},
                ],
                "max_tokens": self._config.max_tokens,
                "temperature": 0,
            }
        )

    def _extracted(self, text: str, count: int, reason: str, parts: int) -> Summary:
        return Summary(" ".join(extract(text, count)), "extractive", reason, parts)


def _check_grounded(summary: str, text: str) -> None:
    said, given = set(content_words(summary)), set(content_words(text))
    if not said:
        raise Ungrounded("the language model said nothing")
    if len(said & given) < GROUNDED_SHARE * len(said):
        raise Ungrounded("the language model's words are not those of the text")
