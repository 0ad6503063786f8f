"""A deployment as everybody sees it, and what it is identified by."""

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from ..base.target import Target
from .charge import Charge
from .pipeline import Pipeline
from .place import HostPlace


class State(StrEnum):
    deploying = "deploying"
    live = "live"
    failed = "failed"
    degraded = "degraded"
    destroying = "destroying"
    destroyed = "destroyed"


class Deployment(BaseModel):
    id: str
    name: str
    target: Target | None = None
    machine: str = Field(default="", description="whose disk and ports it lives on")
    state: State
    revision: int = 0
    live_revision: int = 0
    changed: bool = True
    run_id: str = ""
    part_of: str = Field(default="", description="the meta-pipeline that made it")
    endpoint_url: str = ""
    urls: dict[str, str] = Field(default_factory=dict)
    ports: dict[str, int] = Field(default_factory=dict)
    place: HostPlace | None = None
    charges: tuple[Charge, ...] = Field(default=(), description="what is paid for now")
    spent_usd: float = Field(default=0, description="what is paid for no more did cost")
    error: str = ""
    created_at: datetime
    updated_at: datetime

    @property
    def hourly_usd(self) -> float:
        """Of two machines while an update replaces one."""
        return sum(charge.hourly_usd for charge in self.charges)

    def cost_so_far(self, now: datetime) -> float:
        """In USD, of all revisions."""
        return self.spent_usd + sum(charge.usd(now) for charge in self.charges)

    def price_of_revision(self) -> float:
        """USD an hour of the machine that the revision at work is on."""
        return sum(each.hourly_usd for each in self.charges if each.revision == self.revision)

    @property
    def is_private(self) -> bool:
        """Its addresses are those of its host's own loopback or its cluster, and nobody else's."""
        return self.place is not None and self.place.is_private

    def can_reach(self, other: "Deployment") -> bool:
        """Whether an address of the other's means the same where this one runs."""
        if not other.is_private:
            return True
        here, there = self.place, other.place
        return here is not None and there is not None and here.is_near(there)


class Revision(BaseModel):
    """One settled drawing of a deployment. Its number never changes; going back takes it again."""

    number: int
    created_at: datetime
    pipeline: Pipeline


class DeployRun(BaseModel):
    """One pass of the deploying flow that has ended; refused or stopped ones went not live."""

    id: str
    target: Target | None
    went_live: bool
    started_at: datetime
    finished_at: datetime

    @property
    def seconds(self) -> float:
        return (self.finished_at - self.started_at).total_seconds()


class Event(BaseModel):
    id: int = 0
    at: datetime
    step: str
    level: str = "info"
    message: str
    data: dict[str, Any] = Field(default_factory=dict)


def revision_digest(pipeline: Pipeline, target: Target) -> str:
    """What makes two deploys the same revision: the settled drawing and where it runs.

    What it may cost is no part of what runs.
    """
    drawing = pipeline.model_dump(mode="json")
    drawing["compute"]["max_hourly_usd"] = None
    # One is what it is without it, and what it was before there were more.
    if drawing["compute"]["replicas"] in (None, 1):
        del drawing["compute"]["replicas"]
    content = {"pipeline": drawing, "target": target.value}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
