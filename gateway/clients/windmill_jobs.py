"""A Windmill job, as far as the gateway reads it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from windmill.scripts.model.base.errors import Reason


def _readable(args: Any) -> dict[str, Any] | None:
    # Windmill leaves out arguments that are too large to show, with a text in their place.
    return args if isinstance(args, dict) else None


FLOW_KINDS = {"flow", "flownode", "flowpreview"}
LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)
NO_JOB = "00000000-0000-0000-0000-000000000000"


class Iterator(BaseModel):
    model_config = ConfigDict(frozen=True)

    itered: list[Any] | None = Field(default=None, repr=False)


class Chosen(BaseModel):
    model_config = ConfigDict(frozen=True)

    type: str
    branch: int = 0


class ModuleStatus(BaseModel):
    model_config = ConfigDict(frozen=True)

    type: str
    id: str = ""
    job: str | None = None
    skipped: bool | None = None
    flow_jobs: tuple[str, ...] | None = None
    iterator: Iterator | None = None
    branch_chosen: Chosen | None = None


class FlowStatus(BaseModel):
    model_config = ConfigDict(frozen=True)

    modules: tuple[ModuleStatus, ...] = ()
    failure_module: ModuleStatus | None = None


class Job(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    type: str
    job_kind: str = ""
    parent_job: str | None = None
    script_path: str | None = None
    args: Annotated[dict[str, Any] | None, BeforeValidator(_readable)] = None
    created_at: datetime = LONG_AGO
    started_at: datetime | None = None
    completed_at: datetime | None = None
    duration_ms: float | None = None
    running: bool = False
    suspend: int | None = None
    success: bool = False
    canceled: bool = False
    canceled_reason: str | None = None
    result: Any = None
    flow_status: FlowStatus | None = None
    raw_flow: dict[str, Any] | None = Field(default=None, repr=False)

    @property
    def is_flow(self) -> bool:
        """Also the bodies of loops and branches, which are flows of their own."""
        return self.job_kind in FLOW_KINDS

    @property
    def completed(self) -> bool:
        return self.type == "CompletedJob"

    @property
    def failed(self) -> bool:
        return self.completed and not self.success

    @property
    def reason(self) -> Reason:
        """Why it failed, as a person reads it; its message is empty when nothing is known."""
        if self.canceled:
            return Reason(f"canceled: {self.canceled_reason or 'no reason given'}")
        error = self.result.get("error") if isinstance(self.result, dict) else None
        if isinstance(error, dict):
            return Reason.of_job(error)
        return Reason("" if error is None else str(error))

    @property
    def error_stack(self) -> str:
        error = self.result.get("error") if isinstance(self.result, dict) else None
        return str(error.get("stack", "")) if isinstance(error, dict) else ""


@dataclass
class Followed:
    """What is known of one run from the looks before.

    `flows`: how each flow and its jobs looked in the list when it was last read. `ended`: all jobs
    by their flow, once none of them changes any more. `crowded`: one list did not hold them.
    """

    flows: dict[str, tuple[Any, Job | None]] = field(default_factory=dict)
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    ended: dict[str, dict[str, Job]] | None = None
    crowded: bool = False
