"""What the price file that was pushed with the catalog lists, ordered by the optimizer."""

from pydantic import ValidationError

from gateway.clients.windmill import Windmill
from gateway.errors import WindmillRefused
from windmill.scripts.model.base.windmill_paths import asset_path
from windmill.scripts.model.cost.optimizer import Constraints, Ranking, in_order, rank
from windmill.scripts.model.cost.prices import Prices

PRICES = asset_path("prices")


async def listed_offers(windmill: Windmill, wanted: Constraints) -> Ranking:
    """Raises WindmillRefused where no prices were pushed."""
    prices = await _prices(windmill)
    ranking = rank(prices.rented(wanted.gpus), wanted, prices.baselines)
    return in_order(ranking, for_gpu=bool(wanted.gpu or wanted.gpu_memory_gb or wanted.gpus))


async def _prices(windmill: Windmill) -> Prices:
    stored = await windmill.resource(PRICES)
    if not isinstance(stored, dict):
        raise WindmillRefused(what="show the prices", reason=f"{PRICES} is not there")
    try:
        return Prices.model_validate(stored)
    except ValidationError as error:
        reason = f"{PRICES} does not hold prices ({error.error_count()} errors)"
        raise WindmillRefused(what="show the prices", reason=reason) from error
