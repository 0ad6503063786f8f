"""What a pipeline's sources would read, told before anything is deployed."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ..drawing.reading import SourceReading


class SampledText(BaseModel):
    """Of a page of a file, or of a passage; `page` is null where there are no pages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: str
    page: int | None
    text: str
    section: str = ""


class SampledColumn(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: str = Field(description="number, category or text")


class Sample(BaseModel):
    """`count` is how many there are of what `of` names; the rest are the first of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: str = Field(description="page, passage, row or image")
    count: int
    texts: tuple[SampledText, ...] = ()
    columns: tuple[SampledColumn, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = Field(default=(), description="of these columns")
    classes: dict[str, int] = Field(default_factory=dict, description="images by class")


class Failure(BaseModel):
    code: str
    message: str
    fix: str = ""


class NodePreview(BaseModel):
    """Of a source, or of what cuts its documents into passages, which reads nothing itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    node: str
    component: str
    error: Failure | None = Field(default=None, description="why deploying it would fail")
    reading: SourceReading | None = Field(default=None, description="and what was left out, why")
    sample: Sample | None = None


class SourcePreview(BaseModel):
    """Nothing of it is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nodes: Annotated[tuple[NodePreview, ...], Field(max_length=400)]
