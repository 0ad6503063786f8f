"""A pipeline as drawn: nodes, typed edges and the compute it needs."""

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints

from ..base.names import Name, NodeId

MOST_REPLICAS = 32
Region = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9 .'-]{0,59}$")]


class Node(BaseModel):
    # A canvas sends positions, sizes and labels along; they are its own business.
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: NodeId
    component: str
    config: dict[str, Any] = Field(default_factory=dict)


class Edge(BaseModel):
    """Ports may be left out where only one pair fits."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    source: NodeId
    target: NodeId
    source_port: str | None = Field(
        default=None, validation_alias=AliasChoices("source_port", "sourceHandle")
    )
    target_port: str | None = Field(
        default=None, validation_alias=AliasChoices("target_port", "targetHandle")
    )

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class Gpu(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    memory_gb: float = Field(gt=0)
    count: int = Field(default=1, ge=1, le=16)
    model: str | None = None


def _untold(value: Any) -> bool:
    return not value


class Compute(BaseModel):
    """What the pipeline needs; money in USD.

    `regions`: any of these will do, each a provider's own name of one, a country's code, or EU.
    `spot`: also machines that their provider may take back. Where neither is said neither is
    written: what was ordered before there were these is the same order still.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    gpu: Gpu | None = None
    cpus: int | None = Field(default=None, ge=1)
    memory_gb: float | None = Field(default=None, gt=0)
    disk_gb: int | None = Field(default=None, ge=1)
    max_hourly_usd: float | None = Field(default=None, ge=0)
    regions: tuple[Region, ...] = Field(default=(), max_length=20, exclude_if=_untold)
    spot: bool = Field(default=False, exclude_if=_untold)
    # Left out, an update keeps as many as there are.
    replicas: int | None = Field(default=None, ge=1, le=MOST_REPLICAS)


class Pipeline(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    nodes: tuple[Node, ...] = Field(min_length=1, max_length=200)
    edges: tuple[Edge, ...] = Field(default=(), max_length=1000)
    compute: Compute = Field(default_factory=Compute)

    def node(self, node_id: str) -> Node:
        return next(node for node in self.nodes if node.id == node_id)
