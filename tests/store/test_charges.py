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
from windmill.scripts.store.attempts import Attempts
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


def rented(registry: Registry, deployment: Deployment, price: Price) -> str:
    """The name of the machine, as its provider knows it."""
    attempts = Attempts(registry.engine, registry.clock)
    made = attempts.intend(
        deployment.id, "RunPod", "{}", "digest", lambda n: f"{deployment.id}.{n}", price
    )
    attempts.rented(made.name, f"pod-{made.number}", price.hourly_usd)
    return made.name


def begun(registry: Registry, drawing: Pipeline = DRAWING) -> Deployment:
    found = registry.begin(drawing, str(uuid.uuid4()), "root", lambda _: True)
    return registry.assign_target(found.id, Target.runpod, {})


def test_a_machine_that_would_not_end_is_counted_until_it_is_seen_to_be_gone(
    registry: Registry, clock: Clock
) -> None:
    attempts = Attempts(registry.engine, registry.clock)
    found = begun(registry)
    old = rented(registry, found, CHEAP)
    registry.finish(found.id, State.live)
    new = rented(registry, begun(registry, OTHER), DEAR)
    attempts.ending(old, "it is no longer needed")
    live = registry.finish(found.id, State.live)
    assert [each.attempt for each in live.charges] == [old, new]
    assert (live.hourly_usd, live.price_of_revision()) == (2.5, 2.0)
    clock.passes(1)
    assert registry.stay(found.id).cost_so_far(clock()) == 2.5
    attempts.gone(old)
    clock.passes(1)
    left = registry.require(found.id)
    assert [each.attempt for each in left.charges] == [new]
    assert left.cost_so_far(clock()) == 0.5 + 4.0


def test_a_machine_that_was_never_made_cost_nothing(registry: Registry, clock: Clock) -> None:
    found = begun(registry)
    attempts = Attempts(registry.engine, registry.clock)
    made = attempts.intend(found.id, "RunPod", "{}", "digest", lambda n: f"{found.id}.{n}", DEAR)
    clock.passes(1)
    assert registry.require(found.id).cost_so_far(clock()) == 2.0, "it may be there"
    attempts.gone(made.name, "no such machine free")
    assert registry.require(found.id).cost_so_far(clock()) == 0


def test_what_the_provider_takes_replaces_what_was_offered(
    registry: Registry, clock: Clock
) -> None:
    found = begun(registry)
    attempts = Attempts(registry.engine, registry.clock)
    made = attempts.intend(found.id, "RunPod", "{}", "digest", lambda n: f"{found.id}.{n}", CHEAP)
    clock.passes(1)
    attempts.rented(made.name, "pod-1", 0.0)  # not told yet
    attempts.rented(made.name, "pod-1", 1.0)
    assert registry.require(found.id).cost_so_far(clock()) == 1.0, "as it was from the start"
    attempts.rented(made.name, "pod-1", 3.0)
    clock.passes(1)
    risen = registry.require(found.id)
    assert ([each.hourly_usd for each in risen.charges], risen.cost_so_far(clock())) == ([3.0], 4.0)


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


def test_a_list_tells_of_each_what_it_is_told_alone(registry: Registry, clock: Clock) -> None:
    chosen(registry, CHEAP)
    other = DRAWING.model_copy(update={"name": "desk-chat"})
    part = registry.begin(other, "part", "root", lambda _: True, part_of="desk")
    registry.assign_target(part.id, Target.runpod, {"api": 1}, price=DEAR)
    registry.mark_changed(part.id)
    gone = chosen(registry, CHEAP, DRAWING.model_copy(update={"name": "gone"}))
    clock.passes(1)
    registry.finish(gone.id, State.destroyed)
    listed = registry.list(include_destroyed=True)
    assert len(listed) == 3
    assert listed == [registry.require(each.id) for each in listed]
    assert {each.part_of for each in registry.list()} == {"", "desk"}
