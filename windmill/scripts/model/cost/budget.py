"""Whether a budget is kept, when a flow is about to spend: counts and targets are known then."""

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ..base.errors import BudgetExceeded
from ..base.target import Target
from ..drawing.pipeline import Compute
from ..entry.entry import Budget
from .cost import Amount, own_amount
from .offer import Offer, Offers, cheapest
from .prices import shown, usd


class ComputeRequest(BaseModel):
    """`target` None is open: `asks` tells whether it is asked for later, and then capped."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    compute: Compute
    targets: tuple[Target, ...]
    target: Annotated[Target | None, BeforeValidator(lambda given: given or None)] = None
    hours: float | None = None
    count: int = Field(default=1, ge=0)
    endless: bool = False
    asks: bool = False


class Check(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    level: str
    budget: Budget
    requests: tuple[ComputeRequest, ...]


def check(asked: Check, source: Offers) -> Amount:
    """What it will cost at most; raises BudgetExceeded."""
    amount = _spent(asked.requests, source, None)
    reasons = list(_reasons(asked.budget, amount))
    if reasons:
        raise BudgetExceeded(
            level=asked.level, reasons="; ".join(reasons), advice=_advice(asked, source)
        )
    return amount


class Share(BaseModel):
    """USD an hour that a machine of this kind may cost, of what all together may."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    compute: Compute
    target: Target | None
    hourly_usd: float


def shares(asked: Check, source: Offers) -> list[Share]:
    """In proportion to the cheapest of each, so that all together never cost more than they may.

    None where it is not known how many there are, what they cost, or where nothing is limited.
    """
    limit = asked.budget.max_hourly_usd
    wanted = [each for each in asked.requests if each.count]
    ones = [_of(each.model_copy(update={"count": 1}), source, None) for each in wanted]
    priced = [(each, one.hourly) for each, one in zip(wanted, ones, strict=True)]
    total = sum((price * each.count for each, price in priced), Decimal(0))
    unknown = any(each.endless for each in wanted) or any(one.unpriced for one in ones)
    if limit is None or unknown or not total:
        return []
    factor = usd(limit) / total
    return [_share(each, price * factor) for each, price in priced if price]


def _share(request: ComputeRequest, hourly: Decimal) -> Share:
    least = float(hourly.quantize(Decimal("0.000001"), ROUND_DOWN))
    return Share(compute=request.compute, target=request.target, hourly_usd=least)


def share_of(found: Sequence[Share], compute: Compute, target: str) -> float | None:
    """Of a machine as it is ordered: how many, and for how much, are no part of its kind.

    What had no target when shares were made has the same one on whichever is chosen later.
    """
    own = _kind(compute)
    fits = (x for x in found if x.target in (None, target))
    same = (x.hourly_usd for x in fits if _kind(x.compute) == own)
    return min(same, default=None)


def _kind(compute: Compute) -> Compute:
    return compute.model_copy(update={"max_hourly_usd": None, "replicas": None})


def _reasons(budget: Budget, amount: Amount) -> Iterator[str]:
    for limit, spent, per in (
        (budget.max_hourly_usd, amount.hourly, "an hour"),
        (budget.max_run_usd, amount.run, "a run"),
    ):
        if limit is None:
            continue
        if amount.unpriced:
            yield f"nobody can tell what it costs {per}: {', '.join(sorted(amount.unpriced))}"
        elif spent is None:
            yield "nobody says how many `hours` a run takes"
        elif spent > usd(limit):
            over = spent - usd(limit)
            told, by, allowed = shown(spent), shown(over), shown(usd(limit))
            yield f"it would cost {told} USD {per}, {by} more than the {allowed} it may"


def _spent(requests: Sequence[ComputeRequest], source: Offers, chosen: Target | None) -> Amount:
    return sum((_of(request, source, chosen) for request in requests), Amount())


def _of(request: ComputeRequest, source: Offers, chosen: Target | None) -> Amount:
    if request.count == 0:
        return Amount()
    offers = [o for o in source.offers(request.compute) if o.target in request.targets]
    target = request.target or chosen
    if target is None:
        offer = _dearest(request, offers) if not request.asks else cheapest(offers, Target.auto)
        why = f"{request.path or 'it'} has no target yet, and some it may get have no known price"
    else:
        offer = cheapest(offers, target)
        why = f"no known price for {request.path or 'it'} on {target}"
    return own_amount(offer, why, request.hours).times(request.count)


def _dearest(request: ComputeRequest, offers: list[Offer]) -> Offer | None:
    """Whichever is chosen later, it is no more than this; None where one has no price."""
    offered = [cheapest(offers, target) for target in request.targets]
    priced = [offer for offer in offered if offer is not None]
    price: Callable[[Offer], float] = lambda offer: offer.hourly_usd  # noqa: E731
    return max(priced, key=price) if len(priced) == len(offered) else None


def _advice(asked: Check, source: Offers) -> str:
    if all(request.target for request in asked.requests):
        return "Choose a cheaper target, or raise the budget."
    fitting = [
        target.value
        for target in Target
        if target != Target.auto
        and not any(_reasons(asked.budget, _spent(asked.requests, source, target)))
    ]
    if not fitting:
        return "No target keeps it: raise the budget."
    return f"Name a target that keeps it: {', '.join(fitting)}."
