"""Copies of a document take no places of what else there is to say."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from serving.components.storage.vector_store import VectorRetriever
from serving.port_types import Chunk, Embedder, Vectors

if TYPE_CHECKING:
    from serving.port_types import Matrix

COPIES = [Chunk(f"copy-{n}.md", None, "Lost badges are replaced\nat reception.") for n in range(3)]
HOLIDAYS = Chunk("holidays.md", None, "Holidays are 30 days.")


class Alike(Embedder):
    """Copies are nearer to any question than anything else."""

    model = "alike"

    async def question(self, text: str) -> "Matrix":
        return np.array([1.0, 0.0], dtype=np.float32)

    async def texts(self, texts: list[str]) -> "Matrix":  # type: ignore[override]
        return np.array([[1.0, 0.0]] * len(texts), dtype=np.float32)


@pytest.mark.parametrize("top_k", [2, 3])
async def test_equal_passages_are_given_once(top_k: int) -> None:
    chunks = (*COPIES, HOLIDAYS)
    matrix = np.array([[1.0, 0.0]] * 3 + [[0.5, 0.5]], dtype=np.float32)
    found = await VectorRetriever(Vectors(chunks, matrix, Alike()), None, top_k).search("badges?")
    assert [passage.chunk.document for passage in found] == ["copy-0.md", "holidays.md"]
