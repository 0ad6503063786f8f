"""POST /v1/embeddings, as OpenAI's clients ask for it."""

import base64
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints, field_validator

from serving.api.failures import responses
from serving.api.metrics import Metrics
from serving.api.openai import Id, OpenAiRequest
from serving.api.strict_bodies import StrictRoute
from serving.errors import TokensRefused
from serving.port_types import Embedder
from serving.runtime import Runtime

if TYPE_CHECKING:
    from serving.port_types import Matrix

MOST_TEXTS = 500
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class EmbeddingsRequest(OpenAiRequest):
    input: Text | Annotated[list[Text], Field(min_length=1, max_length=MOST_TEXTS)]
    model: str = Field(default="", description="any name; there is one model")
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Literal[384] = 384
    input_type: Literal["passage", "query"] = Field(
        default="passage", description="what is searched for (query) or in (passage)"
    )
    user: Id | None = Field(default=None, description="who asks; nothing is done with it")

    @field_validator("input", mode="before")
    @classmethod
    def _no_tokens(cls, given: Any) -> Any:
        """What LangChain sends unless told not to: the tokens of another model."""
        first = given[0] if isinstance(given, list) and given else None
        if isinstance(first, int | list):
            raise TokensRefused
        return given


class Embedding(BaseModel):
    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str = Field(description="numbers, or float32 in base64")


class EmbeddingUsage(BaseModel):
    prompt_tokens: int
    total_tokens: int


class EmbeddingsAnswer(BaseModel):
    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage


def router(runtime: Runtime, metrics: Metrics) -> APIRouter:
    api = APIRouter(route_class=StrictRoute)

    @api.post(
        "/v1/embeddings", responses=responses(413, 422, 503), summary="Embed texts (OpenAI style)"
    )
    async def embeddings(body: EmbeddingsRequest) -> EmbeddingsAnswer:
        embedder = runtime.provided(Embedder)
        texts = [body.input] if isinstance(body.input, str) else body.input
        vectors = await _vectors(embedder, texts, body.input_type)
        tokens = await embedder.tokens(texts)
        return EmbeddingsAnswer(
            data=[
                Embedding(index=at, embedding=_encoded(vector, body.encoding_format))
                for at, vector in enumerate(vectors)
            ],
            model=embedder.model,
            usage=EmbeddingUsage(prompt_tokens=tokens, total_tokens=tokens),
        )

    return api


async def _vectors(embedder: Embedder, texts: list[str], input_type: str) -> "list[Matrix]":
    if input_type == "query":
        return [await embedder.question(text) for text in texts]
    return list(await embedder.texts(texts))


def _encoded(vector: "Matrix", encoding: str) -> list[float] | str:
    if encoding == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    numbers: list[float] = vector.tolist()
    return numbers
