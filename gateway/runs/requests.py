"""What callers send."""

from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from history.names import EDITS
from windmill.scripts.model.base.names import Name
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.pipeline import MOST_REPLICAS

ENTRY = r"([a-z-]+/)?[A-Za-z0-9_-]+"  # `pipelines/x`, or its name alone
Inputs = Annotated[dict[str, Any], Field(max_length=200)]
Settings = Annotated[
    dict[str, str | int | float | bool],
    Field(max_length=50, description="What the target must be told: its host, for example"),
]
AsksFirst = Annotated[
    bool,
    Field(description="The run waits, with its price and plan, until somebody approves it"),
]
MayCost = Annotated[
    float | None,
    Field(
        ge=0,
        allow_inf_nan=False,
        description="USD an hour, all together; without it and a budget nothing is rented",
    ),
]


class CatalogDeploy(BaseModel):
    """A pipeline of the catalog, by name."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "pipeline": "rag-chatbot",
                    "inputs": {"documents": "/data/handbook"},
                    "target": "local",
                }
            ]
        },
    )

    pipeline: Annotated[str, Field(pattern=rf"^{ENTRY}$", max_length=100)]
    inputs: Inputs = Field(default_factory=dict)
    target: Target | None = None
    target_settings: Settings = Field(default_factory=dict)
    max_hourly_usd: MayCost = None
    approve: AsksFirst = False
    name: Name | None = None


class DrawingDeploy(BaseModel):
    """A pipeline as drawn: nodes and edges, checked by the platform's own model."""

    # A canvas sends what it likes along (viewport, version); it is not ours to refuse.
    model_config = ConfigDict(extra="ignore")

    name: str
    nodes: list[dict[str, Any]] = Field(max_length=200)
    edges: list[dict[str, Any]] = Field(default_factory=list, max_length=1000)
    compute: dict[str, Any] = Field(
        default_factory=dict, validation_alias=AliasChoices("compute", "compute_requirements")
    )
    target: Target | None = Field(
        default=None, validation_alias=AliasChoices("target", "deployment_target")
    )
    target_settings: Settings = Field(default_factory=dict)
    max_hourly_usd: MayCost = None
    approve: AsksFirst = False
    inputs: Inputs = Field(default_factory=dict)
    declared_inputs: dict[str, dict[str, Any]] | None = None


def _kind(body: Any) -> Literal["catalog", "drawing"]:
    named = isinstance(body, CatalogDeploy) or (isinstance(body, dict) and "nodes" not in body)
    return "catalog" if named else "drawing"


DeployRequest = Annotated[
    Annotated[CatalogDeploy, Tag("catalog")] | Annotated[DrawingDeploy, Tag("drawing")],
    Discriminator(_kind),
]


class SaveEntry(BaseModel):
    """A catalog entry as somebody wants it, who saw it at the commit `base`."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1)] | None = Field(default=None, description="YAML")
    entry: dict[str, Any] | None = Field(default=None, description="The same as JSON")
    base: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="The `commit` that GET …/source answered; null for a new entry"
    )
    branch: str = Field(default=EDITS, max_length=100)
    message: str = Field(default="", max_length=10_000)

    @model_validator(mode="after")
    def _has_one_form(self) -> "SaveEntry":
        if (self.text is None) == (self.entry is None):
            raise ValueError("give either `text` or `entry`")
        return self

    def as_text(self) -> str:
        if self.text is not None:
            return self.text
        return yaml.safe_dump(self.entry, sort_keys=False, allow_unicode=True, width=100)


class ChooseTarget(BaseModel):
    model_config = ConfigDict(extra="forbid")

    target: Target
    target_settings: Settings = Field(default_factory=dict)
    max_hourly_usd: MayCost = None


class Rollback(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="Which revision; else the one before"
    )


class Scale(BaseModel):
    model_config = ConfigDict(extra="forbid")

    replicas: int = Field(
        ge=1, le=MOST_REPLICAS, description="How many copies of its server answer at its address"
    )


class Approve(BaseModel):
    model_config = ConfigDict(extra="forbid")

    approved: bool
    step: str | None = Field(default=None, description="Which one, where several ask")
    question: str | None = Field(
        default=None, max_length=100, description="The job that asked: what it asks and no other"
    )
