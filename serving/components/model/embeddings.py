from collections.abc import Collection
from typing import Literal

from serving.component import Component, Config, Context
from serving.models.e5 import E5
from serving.port_types import Chunks, Vectors


class EmbeddingsConfig(Config):
    model: Literal["e5-small"] = "e5-small"


class Embeddings(Component):
    """Turns passages into vectors."""

    kind = "embeddings"
    Config = EmbeddingsConfig

    def __init__(self, config: EmbeddingsConfig, context: Context) -> None:
        super().__init__(config, context)
        self._e5 = E5(context.report, cache_folder=context.shared_folder)

    async def run(self, chunks: Chunks) -> Vectors:
        texts = [chunk.found_by for chunk in chunks.items]
        return Vectors(chunks.items, await self._e5.texts(texts), self._e5)

    async def keep_only(self, texts: Collection[str]) -> None:
        await self._e5.keep_only(texts)
