"""What travels along the edges: a port's type is a class, and the class's name its catalog name."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from serving.errors import BadRequest

if TYPE_CHECKING:  # NumPy costs a sixth of the time until the server listens
    import numpy as np
    from numpy.typing import NDArray

    Matrix: TypeAlias = NDArray[np.float32]


class Port:
    @classmethod
    def type_name(cls) -> str:
        return cls.__name__.lower()


@dataclass(frozen=True)
class Document:
    """One page of a file, or the whole file where there are no pages (page is None)."""

    name: str
    page: int | None
    text: str


@dataclass(frozen=True)
class Documents(Port):
    pages: tuple[Document, ...]
    skipped: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        return {page.name for page in self.pages}


@dataclass(frozen=True)
class Chunk:
    document: str
    page: int | None
    text: str


@dataclass(frozen=True)
class Chunks(Port):
    items: tuple[Chunk, ...]


class Predictor(Port):
    async def predict(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """One output for each input, in the same order."""
        raise NotImplementedError


class Embedder(Predictor):
    """Vectors of length 1, so that a product is a cosine."""

    model: str

    async def question(self, text: str) -> "Matrix":
        raise NotImplementedError

    async def texts(self, texts: Sequence[str]) -> "Matrix":
        raise NotImplementedError

    async def tokens(self, texts: Sequence[str]) -> int:
        raise NotImplementedError

    async def predict(self, inputs: Sequence[Any]) -> Sequence[Any]:
        if not all(isinstance(text, str) and text for text in inputs):
            raise BadRequest(reason="input: a text is needed")
        vectors: list[list[float]] = (await self.texts(inputs)).tolist()
        return vectors


@dataclass(frozen=True)
class Vectors(Port):
    """Row i of the matrix is chunk i."""

    chunks: tuple[Chunk, ...]
    matrix: "Matrix"
    embedder: Embedder


@dataclass(frozen=True)
class Passage:
    """The highlight is the sentence that made it match, and the one after it."""

    chunk: Chunk
    highlight: str
    score: float


class Retriever(Port):
    async def search(self, question: str, top_k: int | None = None) -> list[Passage]:
        raise NotImplementedError


@dataclass(frozen=True)
class Turn:
    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True)
class Token:
    text: str


@dataclass(frozen=True)
class Usage:
    prompt_tokens: int
    completion_tokens: int


class Chat(Port):
    model: str

    async def passages(self, question: str, top_k: int | None) -> list[Passage]:
        raise NotImplementedError

    def answer(
        self, question: str, passages: Sequence[Passage], history: Sequence[Turn]
    ) -> AsyncGenerator[Token | Usage, None]:
        raise NotImplementedError
