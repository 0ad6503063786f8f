"""Brute force over a matrix: exact, and below a hundred thousand passages faster than an index."""

import asyncio
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from serving.component import Component, Config, Context
from serving.keywords import KeywordIndex
from serving.ports import Passage, Retriever, Vectors

if TYPE_CHECKING:
    from serving.ports import Matrix

MOST_PASSAGES = 20
KEYWORD_SHARE = 0.4


class VectorStoreConfig(Config):
    top_k: int = Field(4, ge=1, le=MOST_PASSAGES)
    search: Literal["hybrid", "vector"] = "hybrid"


class VectorStore(Component):
    kind = "vector-store"
    Config = VectorStoreConfig

    def __init__(self, config: VectorStoreConfig, context: Context) -> None:
        super().__init__(config, context)
        self._top_k, self._hybrid = config.top_k, config.search == "hybrid"

    async def run(self, vectors: Vectors) -> Retriever:
        texts = [chunk.text for chunk in vectors.chunks]
        keywords = await asyncio.to_thread(KeywordIndex, texts) if self._hybrid else None
        return VectorRetriever(vectors, keywords, self._top_k)


class VectorRetriever(Retriever):
    def __init__(self, vectors: Vectors, keywords: KeywordIndex | None, top_k: int) -> None:
        self._vectors = vectors
        self._keywords = keywords
        self._top_k = top_k

    async def search(self, question: str, top_k: int | None = None) -> list[Passage]:
        if not self._vectors.chunks:
            return []
        vector = await self._vectors.embed_question(question)
        scores = self._vectors.matrix @ vector
        if self._keywords is not None:
            shared = self._keywords.scores(question)
            scores = (1 - KEYWORD_SHARE) * _spread(scores) + KEYWORD_SHARE * shared
        best = (-scores).argsort(kind="stable")[: top_k or self._top_k]
        return [Passage(self._vectors.chunks[at], round(float(scores[at]), 4)) for at in best]


def _spread(scores: "Matrix") -> "Matrix":
    """0 for the worst passage and 1 for the best: e5 gives everything between 0.7 and 0.9."""
    low, high = scores.min(), scores.max()
    spread: Matrix = (scores - low) / max(high - low, 1e-9)
    return spread
