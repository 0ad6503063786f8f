"""The embedding model by itself, for programs that bring their own texts."""

from typing import Literal

from serving.component import Component, Config
from serving.models.e5 import E5
from serving.port_types import Embedder


class EmbeddingModelConfig(Config):
    model: Literal["e5-small"] = "e5-small"


class EmbeddingModel(Component):
    kind = "embedding-model"
    Config = EmbeddingModelConfig

    async def run(self) -> Embedder:
        e5 = E5(self.context.report)  # what callers send is theirs: it is not kept
        await e5.question("loads the model")  # before the first caller waits for it
        return e5
