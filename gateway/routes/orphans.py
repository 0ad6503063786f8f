"""Rented machines that serve nobody: a worker looks, for only workers have the keys."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.access.guard import GuardedRoute
from gateway.clients.windmill import Windmill
from gateway.errors import OrphansUnknown
from gateway.http.services import Platform
from gateway.runs.asking.answers import answer
from windmill.scripts.model.base.windmill_paths import RECONCILE_ORPHANS

LOOKING_SECONDS = 90.0
ENDING_SECONDS = 420.0  # a provider may take minutes until a machine is gone

router = APIRouter(prefix="/orphans", tags=["orphans"], route_class=GuardedRoute)


class OrphanAnswer(BaseModel):
    provider: str
    machine: str = Field(description="The provider's id")
    name: str
    deployment_id: str
    hourly_usd: float
    reason: str = Field(description="How it is known that it serves nobody")


class LostAnswer(BaseModel):
    provider: str
    machine_id: str
    deployment_id: str = Field(description="Deploying it again rents another machine")
    reason: str


class Orphans(BaseModel):
    looked_at: list[str] = Field(description="The providers that were asked")
    not_asked: dict[str, str] = Field(
        default_factory=dict, description="Those that could not be asked, and why"
    )
    orphans: list[OrphanAnswer]
    hourly_usd: float = Field(description="What they cost together")
    ended: list[str] = Field(default_factory=list, description="Machines that are gone now")
    lost: list[LostAnswer] = Field(
        default_factory=list, description="Machines in use that were taken back or died"
    )


class EndOrphans(BaseModel):
    model_config = ConfigDict(extra="forbid")

    machines: list[str] = Field(min_length=1, max_length=1000, description="The provider's ids")


@router.get("")
async def list_orphans(platform: Platform) -> Orphans:
    """What providers hold under this installation's name and no deployment uses. Ends nothing."""
    return await _found(platform.windmill, {"end": False, "machines": []}, LOOKING_SECONDS)


@router.post("/end")
async def end_orphans(body: EndOrphans, platform: Platform) -> Orphans:
    """Ends those that are named and still orphans; waits until the provider has them no more."""
    return await _found(platform.windmill, {"end": True, "machines": body.machines}, ENDING_SECONDS)


async def _found(windmill: Windmill, asked: dict[str, Any], patience: float) -> Orphans:
    try:
        job = await answer(windmill, RECONCILE_ORPHANS, asked, patience)
    except TimeoutError as error:
        raise OrphansUnknown(reason=str(error)) from None
    if job.failed:
        raise OrphansUnknown(reason=job.reason.message or "no reason is known")
    try:
        return Orphans.model_validate(job.result)
    except ValidationError:
        raise OrphansUnknown(reason="the script gave something else than it should") from None
