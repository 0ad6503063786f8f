"""Offers in order, beside the list prices of those at whom nothing is deployed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from windmill.scripts.model.cost.gpuhunt_catalog import list_prices
from windmill.scripts.model.cost.gpus import is_model
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.cost.optimizer import Constraints, rank
from windmill.scripts.model.cost.prices import ListPrice, PriceSource

# NumPy takes longer to import than so few take to be put in order.
FEW = 2000
NOT_YET = "list price; nothing is deployed there yet"


def listed(known: Sequence[ListPrice], baseline: str, gpuhunt: Path | None) -> list[ListPrice]:
    """Cheapest for a GPU first; of the provider alone whose name begins so, where one is named."""
    found = [*known, *(list_prices(gpuhunt) if gpuhunt else ())]
    named = [each for each in found if each.provider.lower().startswith(baseline.lower())]
    return named if gpuhunt is None else sorted(named, key=_by_price)


def best(
    offers: Sequence[Offer],
    wanted: Constraints,
    others: Sequence[ListPrice],
    limit: int,
    sources: Mapping[str, PriceSource],
) -> dict[str, Any]:
    """What fits and what not, `limit` of each, and how many there are; `listed`: no offers."""
    on_demand = [each for each in others if not each.spot]
    alike = sorted((each for each in others if _asked_for(each, wanted)), key=_by_price)
    told = [_told(each, sources.get(each.source)) for each in alike[:limit]]
    return {**_ranked(offers, wanted, on_demand, limit), "listed": told}


def _told(each: ListPrice, source: PriceSource | None) -> dict[str, Any]:
    read_on = source.read_on if source else ""
    return {**each.model_dump(mode="json"), "read_on": read_on, "reason": NOT_YET}


def _ranked(
    offers: Sequence[Offer], wanted: Constraints, baselines: Sequence[ListPrice], limit: int
) -> dict[str, Any]:
    if len(offers) > FEW:
        from windmill.scripts.model.cost.book.offer_book import OfferBook

        book = OfferBook(offers)
        return book.best(wanted, limit, baselines, refused=limit).model_dump(mode="json")
    ranking = rank(offers, wanted, baselines)
    return {
        "candidates": [each.model_dump(mode="json") for each in ranking.candidates[:limit]],
        "refused": [each.model_dump(mode="json") for each in ranking.refused[:limit]],
        "fitting": len(ranking.candidates),
        "others": len(ranking.refused),
    }


def _asked_for(each: ListPrice, wanted: Constraints) -> bool:
    return (
        (not wanted.gpu or is_model(each.gpu, wanted.gpu))
        and each.gpu_memory_gb >= wanted.gpu_memory_gb
        and each.gpus >= wanted.gpus
        and (wanted.spot or not each.spot)
    )


def _by_price(each: ListPrice) -> tuple[float, str, str, str]:
    return each.hourly_usd / each.gpus, each.provider, each.name, each.region
