"""Questions whose answers are known, asked of manuals as the chatbot's template would ask them."""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from serving.component import Context
from serving.components.model.embeddings import Embeddings
from serving.components.preprocessing.text_splitter import SplitterConfig, TextSplitter
from serving.components.storage.vector_store import VectorStore, VectorStoreConfig
from serving.documents.reading import read_document
from serving.models.llm import Llm
from serving.port_types import Chunks, Document, Documents, Passage, Retriever
from tests.bench import corpus
from tests.bench.likeness import hit, mean_reciprocal_rank

HERE = Path(__file__).parent
MANUALS = ["debian-faq.en.pdf", "fhs-3.0.pdf", "maint-guide.en.pdf", "project-history.en.pdf"]
TABLES = ["debian-reference.en.pdf"]
AS_SERVED = {"chunk_size": 120, "overlap": 20}  # of catalog/pipelines/rag-chatbot.yaml
TOP_K = 3
SHORT = 300  # characters that a person looks at


@dataclass(frozen=True)
class Question:
    question: str
    answer: Sequence[str]

    def rank(self, passages: Sequence[Passage]) -> int | None:
        texts = (passage.chunk.text for passage in passages)
        return next((rank for rank, text in enumerate(texts, 1) if self._in(text)), None)

    def is_shown_by(self, passages: Sequence[Passage]) -> bool:
        return any(self._in(passage.highlight[:SHORT]) for passage in passages[:1])

    def _in(self, text: str) -> bool:
        said = "".join(text.split())
        return any("".join(phrase.split()) in said for phrase in self.answer)


def retrieval() -> str:
    of_texts = _measured("Retrieval", "retrieval.yaml", MANUALS)
    of_tables = _measured("In tables", "retrieval_tables.yaml", TABLES)
    return "\n".join(asyncio.run(each) for each in (of_texts, of_tables))


async def _measured(title: str, questions_file: str, manuals: list[str]) -> str:
    pages = _pages(manuals)
    questions = [Question(**each) for each in yaml.safe_load((HERE / questions_file).read_text())]
    chunks = await _split(pages)
    retriever = await _indexed(chunks)
    found = [(each, await retriever.search(each.question)) for each in questions]
    ranks = [question.rank(passages) for question, passages in found]
    shown = sum(question.is_shown_by(passages) for question, passages in found)
    missed = (q.question for (q, _), rank in zip(found, ranks, strict=True) if rank is None)
    sizes = f"{len(questions)} questions, {len(pages)} pages, {len(chunks.items)} passages"
    return "\n".join(
        [
            f"{title}: {sizes}",
            f"  hit@{TOP_K:<30} {hit(ranks, TOP_K):8.3f}",
            f"  MRR@{TOP_K:<30} {mean_reciprocal_rank(ranks):8.3f}",
            f"  in {SHORT} characters shown of the first {shown / len(questions):4.3f}",
            *(f"  missed: {question}" for question in missed),
        ]
    )


def _pages(manuals: list[str]) -> tuple[Document, ...]:
    files = corpus.named(manuals).items()
    return tuple(page for name, content in files for page in read_document(name, content).documents)


async def _split(pages: Sequence[Document]) -> Chunks:
    return await TextSplitter(SplitterConfig(**AS_SERVED), _context()).run(Documents(tuple(pages)))


async def _indexed(chunks: Chunks) -> Retriever:
    vectors = await Embeddings(Embeddings.Config(), _context()).run(chunks)
    return await VectorStore(VectorStoreConfig(top_k=TOP_K), _context()).run(vectors)


def _context() -> Context:
    """What was embedded is kept, so that a second run takes seconds."""
    cache = Path(os.environ.get("MLOPS_CACHE") or "~/.cache/mlops").expanduser() / "bench-vectors"
    cache.mkdir(parents=True, exist_ok=True)
    return Context(cache, cache, Llm("", ""), _told)


def _told(progress: Any) -> None:
    if sys.stdout.isatty():
        print(f"\r  {progress}      ", end="", flush=True)
