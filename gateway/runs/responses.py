"""What callers get."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from gateway.runs.costs import Cost
from gateway.runs.steps import Asks, StepState
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.deployment import Revision, State
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.model.drawing.place import HostPlace


class RunState(StrEnum):
    queued = "queued"
    waiting_for_target = "waiting_for_target"
    waiting_for_approval = "waiting_for_approval"
    deploying = "deploying"
    live = "live"
    failed = "failed"
    degraded = "degraded"
    destroying = "destroying"
    destroyed = "destroyed"


class Accepted(BaseModel):
    id: str = Field(description="Tracking id: the Windmill job that does the work")
    status_url: str
    pipeline: str
    name: str


class GitEvent(BaseModel):
    id: str | None = Field(default=None, description="Tracking id of the run that it started")
    ignored: str = Field(default="", description="Why it started none")


class Canceled(BaseModel):
    id: str = Field(description="Tracking id of the run that was stopped")
    tidied_by: str | None = Field(
        description="The job that destroys what was created; null: nothing was begun"
    )


class RevisionAnswer(BaseModel):
    number: int
    created_at: datetime
    live: bool
    pipeline: Pipeline

    @classmethod
    def of(cls, revision: Revision, live_revision: int) -> "RevisionAnswer":
        return cls(live=revision.number == live_revision, **dict(revision))


class StepAnswer(BaseModel):
    id: str
    title: str
    state: StepState
    started_at: datetime | None = None
    seconds: float | None = None
    detail: str = ""


class Cleanup(StrEnum):
    removed = "removed"
    kept = "kept"
    nothing = "nothing"


class Failure(BaseModel):
    code: str = Field(default="", description="Empty where what failed is no step of ours")
    message: str
    step: str = ""
    title: str = Field(default="", description="Of the step, as `steps` has it")
    fix: str = ""
    where: str = Field(default="", description="The file, address, log or node that it is about")
    cleanup: Cleanup | None = Field(
        default=None, description="What became of what had been created; null while unknown"
    )
    stack: str = Field(default="", description="Only with DEBUG")


class DeploymentAnswer(BaseModel):
    id: str
    name: str
    step: str = Field(description="Where in the run it was made; empty when it is all of it")
    state: State
    target: Target | None
    endpoint_url: str


class Running(BaseModel):
    """A deployment as a list of them shows it."""

    id: str
    name: str
    state: State
    target: Target | None
    revision: int
    live_revision: int
    part_of: str = Field(description="The meta-pipeline that made it")
    endpoint_url: str
    urls: dict[str, str]
    error: str
    cost: Cost | None
    updated_at: datetime


class QuestionAnswer(BaseModel):
    asks: Asks
    step: str
    message: str
    plan: list[str] = Field(
        default_factory=list, description="What goes on once it is approved, a line each"
    )


class StatusAnswer(BaseModel):
    id: str
    deployment_id: str | None = None
    name: str
    entry: str = Field(default="", description="The catalog's, where the run is of one")
    state: RunState
    target: Target | None = None
    revision: int | None = None
    replicas: int | None = Field(
        default=None, description="How many copies of its server are to answer, while it is live"
    )
    changed: bool | None = None
    steps: list[StepAnswer] = Field(default_factory=list)
    questions: list[QuestionAnswer] = Field(
        default_factory=list, description="What the run waits to be told"
    )
    deployments: list[DeploymentAnswer] = Field(
        default_factory=list, description="All that the run deployed"
    )
    outputs: dict[str, Any] | None = Field(
        default=None, description="What a run that is more than one deployment gave back"
    )
    endpoint_url: str = ""
    urls: dict[str, str] = Field(default_factory=dict)
    notices: list[str] = Field(
        default_factory=list, description="What to know of what runs: what it could not read, say"
    )
    terraform: list[str] = Field(
        default_factory=list,
        description="Terraform's plan of the latest run, a line a resource; nothing sensitive",
    )
    place: HostPlace | None = Field(
        default=None, description="The host of one's own that it is on; how one logs in there"
    )
    cost: Cost | None = Field(default=None, description="Of all that the run deployed, in USD")
    error: Failure | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class EndpointKey(BaseModel):
    deployment_id: str
    name: str
    endpoint_url: str
    key: str = Field(description="Its callers send it: `Authorization: Bearer …`")
    page: str = Field(description="Link to its page that bears the key where no server sees it")


class DestroyAccepted(BaseModel):
    id: str | None = Field(description="Tracking id; null when there was nothing left to destroy")
    deployment_ids: list[str] = Field(description="What will be destroyed")
    deployment_id: str | None
    name: str
    state: RunState
    status_url: str


class KeptKey(BaseModel):
    name: str
    base_url: str = Field(description="the only address that it is sent to; empty: none")


class KeptProviderKey(BaseModel):
    target: str = Field(description="what rents machines by it")


class LogLine(BaseModel):
    at: datetime | None = None
    step: str
    level: str = "info"
    message: str


class Logs(BaseModel):
    lines: list[LogLine]
    next: str = Field(description="Pass as `after` to get what came since")
    state: RunState


class Process(StrEnum):
    """What a deployment runs on its host."""

    api = "api"
    litellm = "litellm"
    model_server = "model-server"


class ProcessLog(BaseModel):
    deployment_id: str
    process: Process
    lines: list[str] = Field(description="oldest first; secrets and escapes are masked")


class EntrySource(BaseModel):
    key: str
    text: str = Field(description="YAML")
    version: str = Field(description="A hash over the entry and all it uses")
    commit: str = Field(description="Send it as `base` when the entry is saved")


class EntryVersion(BaseModel):
    version: str = Field(description="Empty where the entry was taken away or cannot be read")
    commit: str
    date: datetime
    author: str
    subject: str


class EntrySaved(BaseModel):
    key: str
    version: str
    commit: str
    branch: str
    changed: bool = Field(description="False where the branch has this text already")


class CatalogEntry(BaseModel):
    key: str
    name: str
    summary: str
    description: str = ""
    inputs: dict[str, Any] = Field(description="JSON Schema of the inputs")
    path: str = Field(description="The flow in Windmill")


class Refused(BaseModel):
    model_config = ConfigDict(extra="allow")

    code: str
    message: str
    fix: str
    where: str = Field(default="", description="the step or place, where there is one")
    problems: list[dict[str, Any]] = Field(default=[], description="each with its field and fix")


class Refusal(BaseModel):
    error: Refused
