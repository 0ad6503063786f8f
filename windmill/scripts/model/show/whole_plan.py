"""What deploying an entry of steps would do, told before anything is done."""

from pydantic import BaseModel, ConfigDict, Field

from ..cost.occurrences import Runs
from .deployment_plan import Action, DeploymentPlan


class PlannedStep(BaseModel):
    """One use of a pipeline or playbook, at whatever depth; `plan` of a pipeline that is drawn."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(description="the steps that lead there: `desks/chat/0`")
    use: str
    runs: Runs
    why: str = Field(default="", description="what that depends on")
    several: bool = Field(
        default=False, description="how many there are is known only while it runs; this is one"
    )
    unknown: tuple[str, ...] = Field(
        default=(), description="inputs that are known only while it runs"
    )
    approval: bool = Field(default=False, description="somebody is asked before")
    hourly_usd: float | None = Field(default=None, description="null: known only while it runs")
    plan: DeploymentPlan | None = None
    refused: str = Field(default="", description="why it would not be deployed")
    fix: str = ""


class WholePlan(BaseModel):
    """Of all that an entry deploys, at any depth. What may run is counted as if it does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action
    name: str
    entry: str
    hourly_usd: float = Field(description="of all that it would rent, in USD")
    at_least: bool = Field(description="more may come that is known only while it runs")
    max_hourly_usd: float | None = Field(default=None, description="all together, if limited")
    steps: tuple[PlannedStep, ...]
    left_off: int = Field(default=0, description="further uses that are not looked at")
    stays: tuple[str, ...] = Field(
        default=(), description="lives of this name and is no part of it now: left as it is"
    )
    refused: tuple[str, ...] = Field(default=(), description="why the whole would be refused")
    fix: str = ""
