"""What can be rented now, asked by a worker: only workers have the providers' keys."""

from gateway.clients.windmill import Windmill
from gateway.errors import OffersUnknown
from gateway.runs.asking.answers import answer
from windmill.scripts.model.base.windmill_paths import LIST_OFFERS
from windmill.scripts.model.cost.optimizer import Constraints
from windmill.scripts.model.show.offers_now import OffersNow


async def offers_now(windmill: Windmill, wanted: Constraints) -> OffersNow:
    """Raises OffersUnknown."""
    try:
        job = await answer(windmill, LIST_OFFERS, {"wanted": wanted.model_dump_json()})
    except TimeoutError as error:
        raise OffersUnknown(reason=str(error)) from None
    if job.failed or not isinstance(job.result, dict):
        raise OffersUnknown(reason=job.reason.message or "no reason is known")
    return OffersNow.model_validate(job.result)
