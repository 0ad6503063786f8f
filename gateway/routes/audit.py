"""Who did what here."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from gateway.access.guard import GuardedRoute
from gateway.http.services import Platform
from gateway.state.audit import Wanted

router = APIRouter(prefix="/audit", tags=["access"], route_class=GuardedRoute)
Text = Annotated[str, Query(max_length=200, description="May stand anywhere in it")]


class AuditEntry(BaseModel):
    """One thing that was done, refused or failed."""

    number: int
    at: datetime
    who: str
    address: str = Field(description="Behind trusted proxies, of who called them")
    action: str
    what: str = Field(description="A deployment, entry, key or secret, by name")
    outcome: str = Field(description="`done`, `refused` or `failed`")
    status: int = Field(description="Of the HTTP answer")
    detail: str
    seal: str


class AuditVerdict(BaseModel):
    """Whether the log is what was written."""

    intact: bool
    entries: int
    seal: str = Field(description="The newest entry's: kept elsewhere, it proves more next time")
    problems: list[str]


@router.get("")
async def entries(
    platform: Platform,
    since: datetime | None = None,
    who: Text = "",
    what: Text = "",
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
) -> list[AuditEntry]:
    """Who did what, from where, and how it ended; the newest that fit, oldest of them first."""
    found = await platform.audit.find(Wanted(since, who, what, limit))
    return [AuditEntry(**vars(each)) for each in found]


@router.get("/verify")
async def verify(
    platform: Platform, seal: Annotated[str, Query(max_length=100)] = ""
) -> AuditVerdict:
    """Was anything changed, taken out or cut off? With `seal`, since that entry as well."""
    found = await platform.audit.verify(seal)
    return AuditVerdict(
        intact=not found.problems,
        entries=found.entries,
        seal=found.seal,
        problems=list(found.problems),
    )
