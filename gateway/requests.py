"""What callers send."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Discriminator, Field, Tag

from windmill.scripts.model.deployment import Target
from windmill.scripts.model.names import Name

Inputs = Annotated[dict[str, Any], Field(max_length=200)]


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

    pipeline: Annotated[str, Field(pattern=r"^([a-z-]+/)?[A-Za-z0-9_-]+$", max_length=100)]
    inputs: Inputs = Field(default_factory=dict)
    target: Target | None = None
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
    inputs: Inputs = Field(default_factory=dict)
    declared_inputs: dict[str, dict[str, Any]] | None = None


def _kind(body: Any) -> Literal["catalog", "drawing"]:
    named = isinstance(body, CatalogDeploy) or (isinstance(body, dict) and "nodes" not in body)
    return "catalog" if named else "drawing"


DeployRequest = Annotated[
    Annotated[CatalogDeploy, Tag("catalog")] | Annotated[DrawingDeploy, Tag("drawing")],
    Discriminator(_kind),
]


class ChooseTarget(BaseModel):
    model_config = ConfigDict(extra="forbid")

    target: Target
