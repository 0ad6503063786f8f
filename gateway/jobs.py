"""A Windmill job, as far as the gateway reads it."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _readable(args: Any) -> dict[str, Any] | None:
    # Windmill leaves out arguments that are too large to show, with a text in their place.
    return args if isinstance(args, dict) else None


class ModuleStatus(BaseModel):
    model_config = ConfigDict(frozen=True)

    type: str
    id: str = ""
    job: str | None = None
    skipped: bool | None = None


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
    def completed(self) -> bool:
        return self.type == "CompletedJob"

    @property
    def failed(self) -> bool:
        return self.completed and not self.success

    @property
    def error_text(self) -> str:
        """The message a person reads; the stack stays in Windmill."""
        if self.canceled:
            return f"canceled: {self.canceled_reason or 'no reason given'}"
        error = self.result.get("error") if isinstance(self.result, dict) else None
        if isinstance(error, dict):
            return str(error.get("message") or error.get("name") or "no message")
        return "" if error is None else str(error)

    @property
    def error_stack(self) -> str:
        error = self.result.get("error") if isinstance(self.result, dict) else None
        return str(error.get("stack", "")) if isinstance(error, dict) else ""
