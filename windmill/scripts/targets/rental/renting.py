"""One machine for a deployment: candidate after candidate, none made twice, none forgotten.

The intent is committed before the provider is asked, under a name that only this attempt has. An
answer that does not say whether a machine was made is settled by looking that name up.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ...model.cost.choice import price_of
from ...model.cost.offer import Offer
from ...store.attempts import Attempt, AttemptState
from .errors import (
    KeyRefused,
    MachineDied,
    NoMoney,
    NotCreated,
    NotEnded,
    NothingRented,
    OfferRefused,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    RentalError,
)
from .machine_names import MachineName
from .provider import Desk, Machine
from .settling import end, settle, settle_unknown, wait_until

GOES_ON = "it goes on costing, and deploying goes on without it: mlops orphans --end asks again"
NO_OTHER_HELPS = (KeyRefused, NoMoney, OrderRefused)
Create = Callable[[Offer, str], Machine]


def never(hourly_usd: float) -> bool:
    return False


@dataclass(frozen=True)
class Order:
    """`digest` tells two orders apart: a machine of the same one is kept, not rented again.

    `create` asks the provider for the offer under the name, once. `may_cost`: whether it may after
    all cost so much, over its cap; from a yes on that is the cap.
    """

    deployment_id: str
    digest: str
    max_hourly_usd: float | None
    create: Create
    may_cost: Callable[[float], bool] = never


@dataclass
class Account:
    """What was tried, readable: `L4 in EU for 0.39 USD: no such machine free`."""

    lines: list[str] = field(default_factory=list)
    refusals: list[RentalError] = field(default_factory=list)

    def note(self, offer: Offer, why: str) -> None:
        self.lines.append(f"{offer.name} for {offer.hourly_usd:.2f} USD per hour: {why}")


def rent(desk: Desk, order: Order, candidates: Iterable[Offer]) -> Attempt:
    """Its machine runs. Raises NothingRented, and RentalErrors where no other offer helps."""
    if kept := _kept(desk, order):
        return kept
    account = Account()
    for offer in candidates:
        if _too_dear(offer.hourly_usd, order):
            if not order.may_cost(offer.hourly_usd):
                account.note(offer, f"over the cap of {order.max_hourly_usd:.2f} USD")
                continue
            order = replace(order, max_hourly_usd=offer.hourly_usd)
        attempt = _attempted(desk, order, offer, account)
        if attempt is not None:
            return attempt
    raise _nothing(desk, account)


def _kept(desk: Desk, order: Order) -> Attempt | None:
    """Settles what an earlier run left open; a machine of the same order is taken over."""
    settled = [*_settled(desk, order.deployment_id)]
    same = [
        each
        for each in settled
        if each.state == AttemptState.rented and each.order_digest == order.digest
    ]
    for extra in same[:-1]:
        end(desk, extra, "another of the same order is there")
    newest = same[-1] if same else None
    if newest is None or _too_dear(newest.hourly_usd, order):
        return None
    try:
        started = _started(desk, newest)
    except MachineDied:
        return None
    return None if _too_dear(started.hourly_usd, order) else started


def _settled(desk: Desk, deployment_id: str) -> Iterator[Attempt]:
    """Without what does not end: it stays known and counted, and keeps nobody from deploying."""
    for each in desk.books.open(deployment_id):
        if each.provider == desk.provider.name:
            try:
                yield settle(desk, each)
            except NotEnded as error:
                desk.say(f"{error.message}; {GOES_ON}")


def _attempted(desk: Desk, order: Order, offer: Offer, account: Account) -> Attempt | None:
    """None where the next candidate is to be tried; then nothing of this one is left."""
    try:
        attempt = _created(desk, order, offer)
        if not _too_dear(attempt.hourly_usd, order):
            attempt = _started(desk, attempt)
        if _too_dear(attempt.hourly_usd, order):
            price = attempt.hourly_usd
            end(desk, attempt, f"its price rose to {price:.2f} USD")
            account.note(offer, f"its price rose to {price:.2f} USD, over the cap")
            return None
    except NO_OTHER_HELPS:
        raise
    except (NotCreated, MachineDied) as error:
        account.note(offer, error.detail)
        account.refusals.append(error)
        return None
    return attempt


def _created(desk: Desk, order: Order, offer: Offer) -> Attempt:
    """Raises NotCreated; then the attempt is closed."""
    attempt = _intended(desk, order, offer)
    desk.say(f"asking {desk.provider.name} for {offer.name} as {attempt.name}")
    try:
        machine = order.create(offer, attempt.name)
    except OutcomeUnknown as error:
        desk.say(f"{error.message}; looking for {attempt.name}")
        settled = settle_unknown(desk, attempt)
        if settled.state == AttemptState.gone:
            raise NotCreated(desk.provider.name, error.detail) from error
        return settled
    except RateLimited as error:
        desk.books.gone(attempt.name, error.message)
        if error.retry_after > desk.limits.rate_limit.total_seconds():
            raise
        desk.sleep(error.retry_after)
        return _created(desk, order, offer)
    except NotCreated as error:
        desk.books.gone(attempt.name, error.message, was_there=error.was_there)
        raise
    return desk.books.rented(attempt.name, machine.id, machine.hourly_usd)


def _intended(desk: Desk, order: Order, offer: Offer) -> Attempt:
    def name_of(number: int) -> str:
        return str(MachineName(desk.installation, order.deployment_id, number))

    told = offer.model_dump_json(exclude_defaults=True)
    asked = order.deployment_id, desk.provider.name, told, order.digest
    return desk.books.intend(*asked, name_of, price_of(offer))


def _started(desk: Desk, attempt: Attempt) -> Attempt:
    """With its price, which some tell once it runs. Raises MachineDied; then it is gone."""
    states: list[Machine | None] = []

    def settled() -> bool:
        states.append(desk.provider.machine(attempt.machine_id))
        machine = states[-1]
        return machine is None or machine.failed or machine.running

    in_time = wait_until(desk, desk.limits.start, settled)
    machine = states[-1]
    if in_time and machine is not None and machine.running:
        _require_its_place(desk, attempt, machine)
        if machine.hourly_usd == attempt.hourly_usd:
            return attempt
        return desk.books.rented(attempt.name, machine.id, machine.hourly_usd)
    minutes = desk.limits.start.total_seconds() / 60
    ended = machine.why if machine else "its provider no longer has it"
    why = ended if in_time else f"it did not start within {minutes:g} minutes"
    end(desk, attempt, why)
    raise MachineDied(desk.provider.name, why)


def _require_its_place(desk: Desk, attempt: Attempt, machine: Machine) -> None:
    """Some take a place for a wish. Raises MachineDied; then it is gone."""
    wanted = Offer.model_validate_json(attempt.offer).region
    if not wanted or machine.place in (None, wanted):
        return
    why = f"it stands in {machine.place or 'a place that nobody tells'}, {wanted} was ordered"
    end(desk, attempt, why)
    raise MachineDied(desk.provider.name, why)


def _too_dear(hourly_usd: float, order: Order) -> bool:
    return order.max_hourly_usd is not None and hourly_usd > order.max_hourly_usd


def _nothing(desk: Desk, account: Account) -> Exception:
    """Where every offer was refused as such, it is the order that is wrong."""
    refusals: Sequence[RentalError] = account.refusals
    if refusals and all(type(each) is OfferRefused for each in refusals):
        return OrderRefused(desk.provider.name, refusals[-1].detail)
    return NothingRented(account="; ".join(account.lines) or "there was no offer")
