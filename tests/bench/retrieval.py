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

QUESTIONS = Path(__file__).with_name("retrieval.yaml")
MANUALS = ["debian-faq.en.pdf", "fhs-3.0.pdf", "maint-guide.en.pdf", "project-history.en.pdf"]
AS_SERVED = {"chunk_size": 120, "overlap": 20}  # of catalog/pipelines/rag-chatbot.yaml
TOP_K = 3


@dataclass(frozen=True)
class Question:
    question: str
    answer: Sequence[str]

    def rank(self, passages: Sequence[Passage]) -> int | None:
        texts = ("".join(passage.chunk.text.split()) for passage in passages)
        wanted = ["".join(phrase.split()) for phrase in self.answer]
        return next((n for n, t in enumerate(texts, 1) if any(w in t for w in wanted)), None)


def retrieval() -> str:
    return asyncio.run(_measured())


async def _measured() -> str:
    pages = _pages()
    questions = [Question(**each) for each in yaml.safe_load(QUESTIONS.read_text("utf-8"))]
    chunks = await _split(pages)
    retriever = await _indexed(chunks)
    ranks = []
    for each in questions:
        ranks.append(each.rank(await retriever.search(each.question)))
    lines = [
        f"Retrieval: {len(questions)} questions, {len(pages)} pages, {len(chunks.items)} passages",
        f"  hit@{TOP_K:<30} {hit(ranks, TOP_K):8.3f}",
        f"  MRR@{TOP_K:<30} {mean_reciprocal_rank(ranks):8.3f}",
    ]
    pairs = zip(questions, ranks, strict=True)
    return "\n".join([*lines, *(f"  missed: {q.question}" for q, rank in pairs if rank is None)])


def _pages() -> tuple[Document, ...]:
    manuals = corpus.named(MANUALS).items()
    return tuple(
        page for name, content in manuals for page in read_document(name, content).documents
    )


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
