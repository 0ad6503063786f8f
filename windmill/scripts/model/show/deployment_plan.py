"""What deploying would do, told before anything is done."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ..base.target import Target
from ..cost.choice import NotTaken
from ..cost.optimizer import Candidate
from ..drawing.component import Component
from ..drawing.deployment import State
from ..drawing.pipeline import Pipeline
from ..drawing.replicas import count_of
from ..drawing.services import services_of


class Action(StrEnum):
    create = "create"
    update = "update"
    nothing = "nothing"
    refused = "refused"


class Change(BaseModel):
    """`what`: as `node model` or `edge docs → index`. Names of settings and no values of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    change: str = Field(description="added, removed or changed")
    what: str
    settings: tuple[str, ...] = ()


class Live(BaseModel):
    """What stands under this name now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    state: State
    revision: int
    target: Target | None


class DeploymentPlan(BaseModel):
    """`candidates` are best first; none where the target is asked for later. Money in USD."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action
    name: str
    target: Target | None = Field(description="null: the run will ask for it")
    hourly_usd: float | None = None
    max_hourly_usd: float | None = Field(default=None, description="the budget's limit, if any")
    creates: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    live: Live | None = None
    candidates: tuple[Candidate, ...] = ()
    refused: tuple[NotTaken, ...] = ()
    fix: str = ""
    terraform: tuple[str, ...] = Field(
        default=(), description="what Terraform would do, a line a resource; nothing sensitive"
    )
    terraform_note: str = Field(
        default="", description="why that is not told, or what comes on top"
    )


def changes(before: Pipeline, after: Pipeline) -> list[Change]:
    """From one settled drawing to another; none where they are the same."""
    found = [
        *_between("node", _nodes(before), _nodes(after)),
        *_between("edge", _edges(before), _edges(after)),
    ]
    asked, wanted = (
        each.compute.model_dump(exclude={"max_hourly_usd"}) | {"replicas": count_of(each)}
        for each in (before, after)
    )
    if differing := _differing(asked, wanted):
        found.append(Change(change="changed", what="compute", settings=differing))
    return found


def creations(pipeline: Pipeline, components: Mapping[str, Component], target: Target) -> list[str]:
    """What a new deployment consists of, in words."""
    services = services_of(pipeline, components)
    return [f"a place of its own on {target}", "its API", *(f"its {name}" for name in services)]


def _nodes(pipeline: Pipeline) -> dict[str, dict[str, Any]]:
    return {node.id: {"component": node.component, **node.config} for node in pipeline.nodes}


def _edges(pipeline: Pipeline) -> dict[str, dict[str, Any]]:
    """Two nodes may be joined by several ports, so those are part of what an edge is called."""
    return {f"{edge} ({edge.source_port} to {edge.target_port})": {} for edge in pipeline.edges}


def _between(
    kind: str, before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]
) -> Iterator[Change]:
    for name in sorted(before.keys() - after.keys()):
        yield Change(change="removed", what=f"{kind} {name}")
    for name, values in after.items():
        if name not in before:
            yield Change(change="added", what=f"{kind} {name}")
        elif differing := _differing(before[name], values):
            yield Change(change="changed", what=f"{kind} {name}", settings=differing)


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    names = sorted(before.keys() | after.keys())
    return tuple(name for name in names if before.get(name) != after.get(name))
