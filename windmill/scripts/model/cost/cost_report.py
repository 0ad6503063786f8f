"""Costs and budgets of an entry as data, with where every price is from and how old it is."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ..base.target import Target
from ..catalog.catalog import Catalog
from .cost import Cost, Over, Pricing, estimate
from .expansion import Given
from .offer import Offer, Offers
from .prices import age_days

LISTED = 20


def report(
    catalog: Catalog,
    key: str,
    source: Offers,
    today: date,
    given: Given | None = None,
    target: Target | None = None,
    depth: int | None = None,
) -> dict[str, Any]:
    """`within`: some target, or the one that was asked for, keeps every budget."""
    costs = estimate(key, catalog.entries, source, given, target)
    targets = {
        name: {"within": not cost.over, "over": _overs(cost, catalog), **_tree(cost, depth, today)}
        for name, cost in costs.items()
    }
    within = any(each["within"] for each in targets.values())
    needs = [_needs(cost, Pricing(source), today) for cost in _rented(costs)]
    return {"entry": key, "within": within, "targets": targets, "needs": needs}


def _overs(cost: Cost, catalog: Catalog) -> list[dict[str, Any]]:
    return [_over(over, catalog) for over in cost.over[:LISTED]]


def _over(over: Over, catalog: Catalog) -> dict[str, Any]:
    source = catalog.sources[over.key]
    line, column = source.locate(over.field)
    return {
        "level": over.path,
        "entry": over.key,
        "field": over.field,
        "file": source.file,
        "line": line,
        "column": column,
        "limit_usd": float(over.limit),
        "amount_usd": float(over.amount),
        "over_by_usd": None if over.why else float(over.by),
        "why": over.why,
    }


def _tree(cost: Cost, depth: int | None, today: date) -> dict[str, Any]:
    level, amount = cost.level, cost.all
    inner = None if depth is None else depth - 1
    below = () if depth == 0 else cost.below
    chosen = {"target": getattr(level.target, "value", None)} if level.rents else {}
    return {
        "id": level.id,
        "use": level.key,
        **chosen,
        "count": cost.count,
        "may_be_skipped": level.may_be_skipped,
        "hourly_usd": float(amount.hourly),
        "run_usd": None if amount.run is None else float(amount.run),
        "endless": amount.endless,
        "unpriced": sorted(amount.unpriced),
        "offer": _offer(cost.offer, today) if cost.offer else None,
        "steps": [_tree(each, inner, today) for each in below],
    }


def _offer(offer: Offer, today: date) -> dict[str, Any]:
    told = offer.model_dump(mode="json", exclude_defaults=True)
    return {**told, "age_days": age_days(offer.read_on, today)} if offer.read_on else told


def _rented(costs: Mapping[str, Cost]) -> Iterator[Cost]:
    """One of each entry that rents a machine."""
    seen: set[str] = set()
    places = list(costs.values())
    visited: set[tuple[Cost, ...]] = set()
    while places:
        cost = places.pop()
        if cost.below in visited and cost.below:
            continue
        visited.add(cost.below)
        places.extend(cost.below)
        if cost.level.rents and cost.level.key not in seen:
            seen.add(cost.level.key)
            yield cost


def _needs(cost: Cost, pricing: Pricing, today: date) -> dict[str, Any]:
    """What an entry asks for, and all that is offered: what fits, and why the rest does not."""
    entry = cost.level.entry
    compute = entry.compute.model_dump(mode="json", exclude_none=True) if entry.compute else {}
    offers = [o for o in pricing.offers(entry) if o.target in cost.level.targets]
    told = [_offer(offer, today) for offer in sorted(offers, key=lambda o: bool(o.unfit))]
    return {"entry": entry.key, "compute": compute, "offers": told}
