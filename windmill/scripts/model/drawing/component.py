"""A component: a node type of the builder's palette, with typed ports and a form."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..base.names import Name
from .rules import Rule


class Family(StrEnum):
    data_source = "data_source"
    preprocessing = "preprocessing"
    model = "model"
    storage = "storage"
    deployment = "deployment"


class Port(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    optional: bool = False


class Component(BaseModel):
    """Published in catalog/components; implemented in serving/components."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["component"]
    name: Name
    version: str
    type: Family
    title: str
    summary: str
    inputs: dict[str, Port] = Field(default_factory=dict)
    outputs: dict[str, Port] = Field(default_factory=dict)
    config: dict[str, dict[str, Any]] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    services: tuple[str, ...] = ()
    alone: str = ""  # why no two copies of a pipeline with it can answer for one another
    environment: str = "serving"  # the lock in requirements/ that its library is in
