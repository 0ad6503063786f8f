"""What travels along the edges: a port's type is a class, and the class's name its catalog name."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from serving.errors import BadRequest
from serving.reading_report import LeftOut, Reading

if TYPE_CHECKING:  # NumPy costs a sixth of the time until the server listens
    from pathlib import Path

    import httpx
    import numpy as np
    from numpy.typing import NDArray

    Matrix: TypeAlias = NDArray[np.float32]


class Port:
    @property
    def reading(self) -> Reading | None:
        """What of its source is in it, and what is not; None where it reads none."""
        return None

    @classmethod
    def type_name(cls) -> str:
        return cls.__name__.lower()


@dataclass(frozen=True)
class Heading:
    """Of what follows it in a text, from character `at` on; level 0 is the title of the whole."""

    at: int
    level: int
    title: str


@dataclass(frozen=True)
class Rows:
    """Of a table, one a line, from character `begin` to `end`; the first names the columns where it
    is `headed`.
    """

    begin: int
    end: int
    headed: bool = False


@dataclass(frozen=True)
class Document:
    """One page of a file, or the whole file where there are no pages (page is None)."""

    name: str
    page: int | None
    text: str
    headings: tuple[Heading, ...] = ()  # in the order of the text
    tables: tuple[Rows, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Documents(Port):
    """Files, or addresses of a website, as `kind` says."""

    pages: tuple[Document, ...]
    left_out: tuple[LeftOut, ...] = ()
    kind: Literal["file", "address"] = "file"

    @property
    def names(self) -> set[str]:
        return {page.name for page in self.pages}

    @property
    def reading(self) -> Reading:
        return Reading.of(self.kind, len(self.names), self.left_out)


@dataclass(frozen=True)
class Mark:
    """What begins at character `at` of a text."""

    at: int
    kind: Literal["text", "heading", "row"]


@dataclass(frozen=True)
class Chunk:
    """The section says under which headings the text stands: `Travel › Hotels`."""

    document: str
    page: int | None
    text: str
    section: str = ""
    tags: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()  # none: all of it is running text

    @property
    def pieces(self) -> Iterator[tuple[Mark, str]]:
        marks = self.marks or (Mark(0, "text"),)
        for mark, following in zip_longest(marks, marks[1:]):
            yield mark, self.text[mark.at : following.at if following else None]

    @property
    def found_by(self) -> str:
        """What it is looked up by: a text seldom repeats what its headings say."""
        return "\n".join(filter(None, (self.section, ", ".join(self.tags), self.text)))


@dataclass(frozen=True)
class Chunks(Port):
    items: tuple[Chunk, ...]


@dataclass(frozen=True)
class Takes:
    """What an input is, for whoever has not asked before: its form and one that is answered."""

    kind: Literal["any", "row", "text", "image", "audio", "horizon"] = "any"
    columns: tuple[Mapping[str, Any], ...] = ()
    example: Any = None


TAKES_TEXT = Takes("text", example="your text")


class Predictor(Port):
    takes: Takes = Takes()

    async def predict(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """One output for each input, in the same order."""
        raise NotImplementedError


class Embedder(Predictor):
    """Vectors of length 1, so that a product is a cosine."""

    model: str
    takes = TAKES_TEXT

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
    """The highlight is the sentence that made it match, and the one after it, without the heading
    above it; or the row of a table.
    """

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


@dataclass(frozen=True)
class ModelCard:
    """What a model is and how far it can be trusted: metrics on data it had not seen, beside what
    the simplest guess reaches there.
    """

    task: str
    algorithm: str
    rows: int
    metrics: Mapping[str, float]
    baseline: Mapping[str, float]
    measured_by: str
    target: str | None = None
    classes: tuple[str, ...] = ()
    features: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    better_than_guessing: bool | None = None  # None where nobody can say
    left_out: tuple[LeftOut, ...] = ()  # rows and columns that nothing was learnt from


class TrainedModel(Predictor):
    """Trained here. Its outputs are mappings, whose `label` and `warnings` are counted."""

    card: ModelCard

    @property
    def reading(self) -> Reading:
        return Reading.of("row", self.card.rows, self.card.left_out)

    @classmethod
    def type_name(cls) -> str:
        return Predictor.type_name()  # it fits where any does, and offers more routes there


class RowModel(TrainedModel):
    """Its inputs are rows with these columns, so that whole files can be scored."""

    columns: tuple[str, ...]

    @property
    def takes(self) -> Takes:  # type: ignore[override]  # known once it is trained
        described = self.card.features or tuple(
            {"name": name, "kind": "text"} for name in self.columns
        )
        return Takes("row", described, {each["name"]: _seen_in(each) for each in described})


def _seen_in(feature: Mapping[str, Any]) -> Any:
    """A value of the training rows."""
    seen = [each for each in feature.get("categories") or feature.get("range", ()) if each != ""]
    return seen[0] if seen else "your text"


Cell: TypeAlias = float | str | None
Kind: TypeAlias = Literal["number", "category", "text"]
Notation: TypeAlias = Literal["plain", "comma", "point"]  # 1234.5 · 1.234,5 or 1234,5 · 1,234.5


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    notation: Notation = "plain"
    na_is_a_code: bool = False  # of a country, say: then NA is no missing value


@dataclass(frozen=True)
class Table(Port):
    """Cells by row and column, None where there is none; `numbers` count the rows as the file does,
    the header of a CSV file being row 1.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: tuple[int, ...]
    skipped: tuple[str, ...] = ()  # a row each

    @property
    def reading(self) -> Reading:
        left_out = (LeftOut(kind="row", where=self.name, reason=why) for why in self.skipped)
        return Reading.of("row", len(self.rows), left_out)


@dataclass(frozen=True)
class Images(Port):
    """Files by the name of the folder they lie in, their class."""

    classes: Mapping[str, tuple[Path, ...]]
    skipped: tuple[str, ...] = ()  # images that are none
    left_out: tuple[LeftOut, ...] = ()  # what else lies there

    @property
    def reading(self) -> Reading:
        broken = (LeftOut(kind="file", where="", reason=why) for why in self.skipped)
        return Reading.of("file", sum(map(len, self.classes.values())), (*broken, *self.left_out))


class Completions(Port):
    """An OpenAI-style chat API, passed on as it is."""

    model: str

    async def send(self, method: str, path: str, body: Any = None) -> "httpx.Response":
        raise NotImplementedError


@dataclass(frozen=True)
class Summary:
    text: str
    method: Literal["llm", "extractive"]
    reason: str  # why it is not the language model's
    parts: int


class Summarizer(Predictor):
    takes = TAKES_TEXT

    async def summarize(self, text: str, sentences: int | None) -> Summary:
        raise NotImplementedError


@dataclass
class JobState:
    """`run` counts from 1; 0 is before the first."""

    run: int = 0
    status: Literal["waiting", "running", "done", "failed"] = "waiting"
    reason: str = ""
    total: int = 0
    done: int = 0
    failed: int = 0
    started_at: float = 0
    finished_at: float = 0


class Job(Port):
    @property
    def state(self) -> JobState:
        raise NotImplementedError

    @property
    def output(self) -> "Path | None":
        """The finished file."""
        raise NotImplementedError

    async def start(self) -> JobState:
        raise NotImplementedError


class Report(Port):
    """What an evaluation found, as data."""

    @property
    def latest(self) -> Mapping[str, Any]:
        raise NotImplementedError

    @property
    def running(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        """Evaluates again. Raises JobRuns."""
        raise NotImplementedError
