"""Who rents out what, for how much."""

from typing import Annotated

from fastapi import APIRouter, Query

from gateway.access.guard import GuardedRoute
from gateway.http.services import Platform
from gateway.runs.asking.offers_now import offers_now
from gateway.runs.listed_offers import listed_offers
from windmill.scripts.model.cost.optimizer import Constraints, Ranking
from windmill.scripts.model.show.offers_now import OffersNow

router = APIRouter(tags=["catalog"], route_class=GuardedRoute)


@router.get("/offers")
async def offers(wanted: Annotated[Constraints, Query()], platform: Platform) -> Ranking:
    """List prices as `auto` ranks them, and why the others do not fit: least money for the same
    work first, and where no GPU is asked for, the least money."""
    return await listed_offers(platform.windmill, wanted)


@router.get("/offers/now")
async def offers_of_now(wanted: Annotated[Constraints, Query()], platform: Platform) -> OffersNow:
    """What providers themselves offer at this moment, spot machines included where they are wanted.
    Who was not asked is told with the reason, and its list prices stand in. Nothing is rented."""
    return await offers_now(platform.windmill, wanted)
