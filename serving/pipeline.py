"""pipeline.json, as the platform writes it."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from serving.pipeline_errors import UnreadablePipeline

# A node's id becomes a folder's name.
NodeId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]


class Node(BaseModel):
    id: NodeId
    component: str
    config: dict[str, Any] = {}


class Edge(BaseModel):
    source: str
    source_port: str
    target: str
    target_port: str

    def __str__(self) -> str:
        return f"{self.source}.{self.source_port} → {self.target}.{self.target_port}"


class Pipeline(BaseModel):
    name: str
    deployment_id: str
    revision: int = 1
    nodes: list[Node] = Field(min_length=1, max_length=200)
    edges: list[Edge] = Field(default=[], max_length=1000)


def read_pipeline(path: Path) -> Pipeline:
    try:
        return Pipeline.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UnreadablePipeline(path=path, reason=error.strerror) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UnreadablePipeline(path=path, reason=f"{where}: {first['msg']}") from error
