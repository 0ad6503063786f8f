"""A Windmill job, as far as the gateway reads it."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from windmill.scripts.model.base.errors import Reason


def _readable(args: Any) -> dict[str, Any] | None:
    # Windmill leaves out arguments that are too large to show, with a text in their place.
    return args if isinstance(args, dict) else None


FLOW_KINDS = {"flow", "flownode", "flowpreview"}
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
    script_path: str | None = None
    args: Annotated[dict[str, Any] | None, BeforeValidator(_readable)] = None
    started_at: datetime | None = None
    duration_ms: float | None = None
    running: bool = False
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
