"""What a revision read of its sources, as its pipeline told it when it went live."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

MOST_SOURCES = 100
MOST_LISTED = 100
MOST_CHARACTERS = 500


def _first(count: int) -> BeforeValidator:
    """A machine that is not ours tells it: what is too long is cut, not refused."""
    return BeforeValidator(lambda told: told[:count] if isinstance(told, (str, list)) else told)


Words = Annotated[str, _first(MOST_CHARACTERS)]
Count = Annotated[int, Field(ge=0)]


class LeftOut(BaseModel):
    """`where` is empty where the reason names it."""

    kind: Words
    where: Words = ""
    reason: Words
    count: Count = 1


class SourceReading(BaseModel):
    """`given` is `read` and, of the same kind, what was left out; `listed` are the first of it."""

    node: Words
    kind: Words
    given: Count
    read: Count
    left_out: Annotated[dict[Words, Count], Field(max_length=MOST_LISTED)]
    listed: Annotated[list[LeftOut], _first(MOST_LISTED)]

    def __str__(self) -> str:
        return f"{self.node}: {self.read} of {self.given} read ({self.kind})"


class ReadingReport(BaseModel):
    revision: int = 0
    sources: Annotated[list[SourceReading], _first(MOST_SOURCES)]

    def of(self, revision: int) -> "ReadingReport":
        return self.model_copy(update={"revision": revision})

    def __str__(self) -> str:
        return "; ".join(map(str, self.sources)) or "no data of yours is read"
