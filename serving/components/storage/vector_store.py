"""Brute force over a matrix: exact, and below a hundred thousand passages faster than an index."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from serving.component import Component, Config, Context
from serving.documents.keyword_index import KeywordIndex
from serving.documents.sentences import sentences
from serving.port_types import Chunk, Passage, Retriever, Vectors

if TYPE_CHECKING:
    from serving.port_types import Matrix

MOST_PASSAGES = 20
MOST_SENTENCES = 100  # a second of embedding
MOST_CANDIDATES = 12  # looked at sentence by sentence, and more only where more are wanted
KEYWORD_SHARE = 0.3
RELEVANT_SHARE = 0.7  # of the best passage's score; what lies below only confuses


@dataclass(frozen=True)
class Sentence:
    chunk: Chunk
    found_by: str
    shown: str  # "We prefer hydro power. The first choice is Geneva.": the answer often follows


class VectorStoreConfig(Config):
    top_k: int = Field(default=4, ge=1, le=MOST_PASSAGES)
    search: Literal["hybrid", "vector"] = "hybrid"


class VectorStore(Component):
    kind = "vector-store"
    Config = VectorStoreConfig

    def __init__(self, config: VectorStoreConfig, context: Context) -> None:
        super().__init__(config, context)
        self._top_k, self._hybrid = config.top_k, config.search == "hybrid"

    async def run(self, vectors: Vectors) -> Retriever:
        texts = [chunk.found_by for chunk in vectors.chunks]
        keywords = await asyncio.to_thread(KeywordIndex, texts) if self._hybrid else None
        return VectorRetriever(vectors, keywords, self._top_k)


class VectorRetriever(Retriever):
    """First the nearest passages, twice as many as wanted, then the best of them by their best
    sentence: a long passage that touches the question everywhere says less than one sentence that
    meets it.
    """

    def __init__(self, vectors: Vectors, keywords: KeywordIndex | None, top_k: int) -> None:
        self._vectors = vectors
        self._keywords = keywords
        self._top_k = top_k

    async def search(self, question: str, top_k: int | None = None) -> list[Passage]:
        if not self._vectors.chunks:
            return []
        wanted = top_k or self._top_k
        vector = await self._vectors.embedder.question(question)
        scores = _score(self._vectors.matrix @ vector, self._keywords, question)
        nearest = (self._vectors.chunks[at] for at in (-scores).argsort(kind="stable"))
        most = max(wanted, min(2 * wanted, MOST_CANDIDATES))
        chunks = list(islice(_each_text_once(nearest), most))
        return (await self._reorder(chunks, question, vector))[:wanted]

    async def _reorder(self, chunks: list[Chunk], question: str, vector: "Matrix") -> list[Passage]:
        all_sentences = chain.from_iterable(map(_sentences, chunks))
        candidates = list(islice(all_sentences, MOST_SENTENCES))
        if not candidates:
            return []
        texts = [sentence.found_by for sentence in candidates]
        keywords = KeywordIndex(texts) if self._keywords else None
        scores = _score(await self._vectors.embedder.texts(texts) @ vector, keywords, question)
        best: dict[Chunk, Passage] = {}
        for at in (-scores).argsort(kind="stable"):
            chunk, score = candidates[at].chunk, round(float(scores[at]), 4)
            best.setdefault(chunk, Passage(chunk, candidates[at].shown, score))
        enough = RELEVANT_SHARE * float(scores.max())
        return [passage for passage in best.values() if passage.score >= enough]


def _each_text_once(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Copies of a text must not take the places of what else there is to say."""
    seen: set[str] = set()
    for chunk in chunks:
        text = " ".join(chunk.text.split())
        if text not in seen:
            seen.add(text)
            yield chunk


def _sentences(chunk: Chunk) -> Iterator[Sentence]:
    """A heading is found with the sentence below it, and shown only where there is none."""
    headings: list[str] = []
    for mark, piece in chunk.pieces:
        if mark.kind == "heading":
            headings.append(" ".join(piece.split()))
            continue
        texts = sentences(piece) if mark.kind == "text" else [" ".join(piece.split())]
        for text, following in zip_longest(texts, texts[1:], fillvalue=""):
            yield Sentence(chunk, " ".join([*headings, text]), f"{text} {following}".strip())
            headings = []
    if headings:
        yield Sentence(chunk, " ".join(headings), " ".join(headings))


def _score(cosines: "Matrix", keywords: KeywordIndex | None, question: str) -> "Matrix":
    """Meaning from 0 (the worst here) to 1 (the best), since e5 puts everything near 0.8."""
    low, high = cosines.min(), cosines.max()
    meaning: Matrix = (cosines - low) / max(high - low, 1e-9) if high > low else cosines
    if keywords is None:
        return meaning
    return (1 - KEYWORD_SHARE) * meaning + KEYWORD_SHARE * keywords.scores(question)
