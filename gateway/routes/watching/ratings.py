"""What people think of what was deployed."""

from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.guard import GuardedRoute, KnownCaller
from gateway.errors import UnknownRun
from gateway.http.services import Platform

MOST = 10

router = APIRouter(prefix="/pipelines", tags=["pipelines"], route_class=GuardedRoute)


class Rating(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    score: int = Field(ge=1, le=MOST, description="1: of no use; 10: could not be better")


class RatingKept(BaseModel):
    deployment_id: str
    ratings: int = Field(description="How many this deployment has by now")
    mean: float


@router.post("/{id}/rating", status_code=201)
async def rate(id: str, body: Rating, platform: Platform, caller: KnownCaller) -> RatingKept:
    """Keeps how satisfied somebody is with a deployment; the rating itself names nobody."""
    found = await platform.deployments.get(id)
    if found is None:
        raise UnknownRun(id=id)
    caller.works_on(found.name)
    await platform.ratings.keep(found.id, body.score, datetime.now(UTC))
    scores = await platform.ratings.of(found.id)
    return RatingKept(deployment_id=found.id, ratings=len(scores), mean=sum(scores) / len(scores))
