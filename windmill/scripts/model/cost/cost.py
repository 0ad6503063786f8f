"""What an entry costs an hour and a run, at every level, before anything is rented."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ..base.errors import TargetRefused
from ..base.target import Target
from ..drawing.pipeline import Compute
from ..entry.entry import Budget, Entry
from ..entry.javascript import Literal
from ..entry.rollup import Rollups
from .expansion import OPEN, Expansion, Given, Level, Maybe
from .offer import Offer, Offers, cheapest
from .prices import usd

ZERO = Decimal(0)


@dataclass(frozen=True)
class Amount:
    """USD. `run` is None where hours are not given. What is left out of it is named."""

    hourly: Decimal = ZERO
    run: Decimal | None = ZERO
    unpriced: frozenset[str] = frozenset()
    endless: bool = False

    def __add__(self, other: "Amount") -> "Amount":
        run = None if self.run is None or other.run is None else self.run + other.run
        unpriced = self.unpriced | other.unpriced
        return Amount(self.hourly + other.hourly, run, unpriced, self.endless or other.endless)

    def times(self, count: int | None) -> "Amount":
        """Where nobody knows how often, the price of one, and it is said so."""
        if count == 0:
            return Amount()
        run = None if self.run is None else self.run * (count or 1)
        spends = bool(self.hourly or self.unpriced)
        endless = self.endless or (count is None and spends)
        return Amount(self.hourly * (count or 1), run, self.unpriced, endless)


@dataclass(frozen=True)
class Over:
    """A budget that is exceeded, or of which nobody can tell: then `why` says so.

    `path` leads from the level it is told at; `field` of the entry `key` is where it is set.
    """

    path: str
    key: str
    field: str
    limit: Decimal
    amount: Decimal
    why: str = ""

    @property
    def by(self) -> Decimal:
        return self.amount - self.limit


@dataclass(frozen=True, eq=False)
class Cost:
    """`one` of the entry; `all` of them, as often as the level above runs it."""

    level: Level
    one: Amount
    all: Amount
    count: int | None
    offer: Offer | None = None
    below: tuple["Cost", ...] = ()
    over: tuple[Over, ...] = ()


@dataclass
class Pricing:
    """Costs of levels at the prices of `source`."""

    source: Offers
    _costs: dict[tuple[Level, float | None], Cost] = field(default_factory=dict)
    _offers: dict[Compute, list[Offer]] = field(default_factory=dict)

    def of(self, level: Level, hours: float | None = None) -> Cost:
        """`hours`: of the nearest level above that gives them."""
        one = self._one(level.of or level, level.entry.hours or hours)
        count = _count(level.times)
        return replace(one, level=level, all=one.one.times(count), count=count)

    def _one(self, level: Level, hours: float | None) -> Cost:
        key = level, hours
        if key not in self._costs:
            self._costs[key] = self._work_out(level, hours)
        return self._costs[key]

    def _work_out(self, level: Level, hours: float | None) -> Cost:
        below = tuple(self.of(each, hours) for each in level.below)
        amount = sum((cost.all for cost in below), Amount())
        offer = None
        if level.rents:
            offer = self.offer(level)
            amount += own_amount(offer, _why_unpriced(level), hours)
        over = [each for cost in below for each in _lifted(cost)]
        over += [each for place in _places(level, below, amount) for each in _over(*place)]
        return Cost(level, amount, amount, 1, offer, below, tuple(over))

    def offer(self, level: Level) -> Offer | None:
        """The cheapest that fits, where the target is known."""
        target = level.target.value if isinstance(level.target, Literal) else None
        if target is None or target not in set(Target):
            return None
        fitting = [o for o in self.offers(level.entry) if o.target in level.targets]
        return cheapest(fitting, Target(target))

    def offers(self, entry: Entry) -> list[Offer]:
        needs = entry.compute or Compute()
        if needs not in self._offers:
            self._offers[needs] = self.source.offers(needs)
        return self._offers[needs]


def candidates(level: Level, rollups: Rollups) -> list[Target]:
    """Targets to choose from; [] where nothing below is open."""
    if not any(_open(level, set())):
        return []
    return [target for target in Target if target in rollups[level.key].allowed - {Target.auto}]


def estimate(
    key: str,
    entries: Mapping[str, Entry],
    source: Offers,
    given: Given | None = None,
    target: Target | None = None,
) -> dict[str, Cost]:
    """By target; by '' where the entry leaves none open. Raises TargetRefused."""
    expansion, pricing, rollups = Expansion(entries), Pricing(source), Rollups(entries)
    if target and target not in rollups[key].allowed:
        names = ", ".join(sorted(rollups[key].allowed - {Target.auto}))
        raise TargetRefused(
            target=target.value, reason=f"{key} runs on {names}.", fix="Choose one of these."
        )
    values = _unknown(entries[key]) | dict(given or {})
    choices: list[Target | None] = [target]
    if target is None:
        choices = [*candidates(expansion.of(key, values), rollups)] or [None]
    costs = {}
    for choice in choices:
        chosen = Literal(choice.value) if choice else OPEN
        costs[choice.value if choice else ""] = pricing.of(expansion.of(key, values, chosen))
    return costs


def _unknown(entry: Entry) -> dict[str, Maybe]:
    return {name: None for name, schema in entry.inputs.items() if "default" not in schema}


def _open(level: Level, seen: set[Level]) -> Iterator[bool]:
    here = level.of or level
    if here not in seen:
        seen.add(here)
        yield level.rents and level.target == OPEN
        for each in level.below:
            yield from _open(each, seen)


def _count(times: Maybe) -> int | None:
    return times.value if isinstance(times, Literal) else None


def own_amount(offer: Offer | None, why: str, hours: float | None) -> Amount:
    """Of one machine; `why` there is no offer."""
    if offer is None:
        return Amount(unpriced=frozenset([why]), run=None)
    hourly = usd(offer.hourly_usd)
    if not hourly:
        return Amount()
    return Amount(hourly, None if hours is None else hourly * usd(hours))


def _why_unpriced(level: Level) -> str:
    if not isinstance(level.target, Literal):
        return f"{level.key}: its target is known only while it runs"
    if level.target.value is None:
        return f"{level.key}: no target is chosen"
    return f"{level.key}: no known price on {level.target.value} fits"


Place = tuple[str, str, str, Budget | None, Amount]


def _places(level: Level, below: Sequence[Cost], amount: Amount) -> Iterator[Place]:
    """Where a budget may stand: (path, entry, field, budget, what is spent of it)."""
    entry = level.entry
    yield "", level.key, "budget", entry.budget, amount
    if level.rents and entry.compute:
        limit = Budget(max_hourly_usd=entry.compute.max_hourly_usd)
        yield "", level.key, "compute", limit, amount
    for index, step in enumerate(entry.steps or ()):
        if step.budget:
            spent = sum((c.all for c in below if c.level.id == step.id), Amount())
            yield step.id, level.key, f"steps[{index}].budget", step.budget, spent


def _over(path: str, key: str, field: str, budget: Budget | None, amount: Amount) -> Iterator[Over]:
    if budget is None:
        return
    for name, spent in (("max_hourly_usd", amount.hourly), ("max_run_usd", amount.run)):
        limit = getattr(budget, name)
        if limit is None:
            continue
        why = "; ".join(sorted(amount.unpriced))
        if spent is None and not why:
            why = "nobody says how many `hours` a run takes"
        if why or (spent is not None and spent > usd(limit)):
            yield Over(path, key, f"{field}.{name}", usd(limit), spent or ZERO, why)


def _lifted(cost: Cost) -> Iterator[Over]:
    for over in cost.over if cost.count != 0 else ():
        path = f"{cost.level.id}/{over.path}" if over.path else cost.level.id
        yield replace(over, path=path)
