"""What a deployment costs is what was taken, for as long as it may have been there."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.charge import Price
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.store.erasing import erase, everything
from windmill.scripts.store.registry import Registry

DRAWING = Pipeline(name="rag", nodes=(Node(id="a", component="documents"),))
OTHER = Pipeline(name="rag", nodes=(Node(id="b", component="documents"),))
CHEAP = Price(target=Target.runpod, offer="L4", hourly_usd=0.5, region="EU", source="the provider")
DEAR = CHEAP.model_copy(update={"offer": "H100", "hourly_usd": 2.0})


@dataclass
class Clock:
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, hours: float) -> None:
        self.now += timedelta(hours=hours)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(database_url: str, clock: Clock) -> Iterator[Registry]:
    registry = Registry(database_url, clock)
    yield registry
    registry.engine.dispose()


def chosen(registry: Registry, price: Price, drawing: Pipeline = DRAWING) -> Deployment:
    found = registry.begin(drawing, str(uuid.uuid4()), "root", lambda _: True)
    return registry.assign_target(found.id, Target.runpod, {"api": 1}, price=price)


def test_the_offer_is_kept_and_its_hours_are_counted_from_when_it_was_chosen(
    registry: Registry, clock: Clock
) -> None:
    found = chosen(registry, CHEAP)
    clock.passes(0.5)
    live = registry.finish(found.id, State.live)
    clock.passes(1.5)
    (charge,) = live.charges
    assert (charge.offer, charge.region, charge.source) == ("L4", "EU", "the provider")
    assert live.hourly_usd == live.price_of_revision() == 0.5
    assert live.cost_so_far(clock()) == 1.0


def test_what_is_live_stays_at_the_price_that_it_was_taken_for(
    registry: Registry, clock: Clock
) -> None:
    registry.finish(chosen(registry, CHEAP).id, State.live)
    clock.passes(1)
    again = registry.finish(chosen(registry, DEAR).id, State.live)
    assert [each.offer for each in again.charges] == ["L4"]
    assert again.cost_so_far(clock()) == 0.5


def test_an_update_pays_for_both_until_the_new_one_is_live(
    registry: Registry, clock: Clock
) -> None:
    registry.finish(chosen(registry, CHEAP).id, State.live)
    clock.passes(1)
    updating = chosen(registry, DEAR, OTHER)
    assert (updating.hourly_usd, updating.price_of_revision()) == (2.5, 2.0)
    clock.passes(1)
    live = registry.finish(updating.id, State.live)
    clock.passes(1)
    assert (live.hourly_usd, live.spent_usd) == (2.0, 1.0)
    assert live.cost_so_far(clock()) == 1.0 + 4.0


def test_after_a_failed_update_what_stays_is_paid_for_and_nothing_else(
    registry: Registry, clock: Clock
) -> None:
    registry.finish(chosen(registry, CHEAP).id, State.live)
    updating = chosen(registry, DEAR, OTHER)
    clock.passes(1)
    kept = registry.finish(updating.id, State.degraded)
    assert [each.offer for each in kept.charges] == ["L4"]
    assert kept.spent_usd == 2.0


def test_what_could_not_be_taken_away_is_counted_on(registry: Registry, clock: Clock) -> None:
    found = chosen(registry, DEAR)
    failed = registry.finish(found.id, State.failed)
    clock.passes(1)
    assert failed.cost_so_far(clock()) == 2.0
    registry.vacate(found.id)
    gone = registry.require(found.id)
    clock.passes(1)
    assert (gone.hourly_usd, gone.cost_so_far(clock())) == (0, 2.0)


def test_another_choice_after_a_failure_replaces_the_first(
    registry: Registry, clock: Clock
) -> None:
    chosen(registry, DEAR)
    clock.passes(1)
    again = chosen(registry, CHEAP)
    assert [each.offer for each in again.charges] == ["L4"]
    assert again.spent_usd == 2.0


def test_what_is_really_paid_replaces_what_was_chosen_even_of_what_is_live(
    registry: Registry, clock: Clock
) -> None:
    live = registry.finish(chosen(registry, CHEAP).id, State.live)
    clock.passes(1)
    registry.charge(live.id, CHEAP.model_copy(update={"reason": "as of today"}))
    assert registry.require(live.id).charges == live.charges
    registry.charge(live.id, DEAR)
    clock.passes(1)
    found = registry.require(live.id)
    assert ([each.offer for each in found.charges], found.cost_so_far(clock())) == (["H100"], 2.5)


def test_what_is_destroyed_costs_nothing_more_and_is_forgotten_with_the_rest(
    registry: Registry, clock: Clock
) -> None:
    found = registry.finish(chosen(registry, CHEAP).id, State.live)
    clock.passes(1)
    gone = registry.finish(found.id, State.destroyed)
    clock.passes(5)
    assert (gone.charges, gone.cost_so_far(clock())) == ((), 0.5)
    assert len(everything(registry, found.id)["charges"]) == 1
    erase(registry, found.id)
    assert registry.get(found.id) is None
