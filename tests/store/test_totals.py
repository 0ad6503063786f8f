"""What the database sums is what the deployments' own figures come to."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.charge import Price
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.store.figures.totals import Spent, Totals, spent_since, totals
from windmill.scripts.store.registry import Registry

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LISTED = Price(target=Target.runpod, offer="A100", hourly_usd=1.5, list_usd=4.0)
UNLISTED = Price(target=Target.runpod, offer="L4", hourly_usd=0.5)


@dataclass
class Clock:
    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(database_url: str, clock: Clock) -> Iterator[Registry]:
    registry = Registry(database_url, clock)
    yield registry
    registry.engine.dispose()


def deployed(registry: Registry, name: str, price: Price) -> Deployment:
    drawing = Pipeline(name=name, nodes=(Node(id="a", component="documents"),))
    found = registry.begin(drawing, str(uuid.uuid4()), "root", lambda _: True)
    registry.assign_target(found.id, price.target, {"api": 1}, price=price)
    return registry.finish(found.id, State.live)


def gone(registry: Registry, clock: Clock, deployment: Deployment, after: timedelta) -> None:
    clock.now += after
    registry.begin_destroy(deployment.id, str(uuid.uuid4()), "root", lambda _: True)
    registry.finish(deployment.id, State.destroyed)


def test_an_empty_registry_holds_nothing(registry: Registry) -> None:
    assert totals(registry, BEGIN) == Totals()


def test_sums_are_those_of_the_deployments(registry: Registry, clock: Clock) -> None:
    gone(registry, clock, deployed(registry, "old", LISTED), timedelta(hours=2))
    deployed(registry, "one", LISTED)
    deployed(registry, "two", UNLISTED)
    now = clock.now + timedelta(hours=3)
    found, each = totals(registry, now), registry.list(include_destroyed=True)
    assert found.states == (("live", "runpod", 2),)
    assert dict(found.hourly_usd) == {"runpod": pytest.approx(sum(d.hourly_usd for d in each))}
    assert found.spent.usd == pytest.approx(sum(d.cost_so_far(now) for d in each))
    assert found.spent.usd == pytest.approx(2 * 1.5 + 3 * 1.5 + 3 * 0.5)


def test_savings_compare_only_what_has_a_list_price(registry: Registry, clock: Clock) -> None:
    deployed(registry, "one", LISTED)
    deployed(registry, "two", UNLISTED)
    spent = totals(registry, clock.now + timedelta(hours=2)).spent
    assert [spent.compared_usd, spent.list_usd] == pytest.approx([3, 8])
    assert spent.saved == pytest.approx(1 - 3 / 8)


def test_of_a_time_only_its_own_hours_count(registry: Registry, clock: Clock) -> None:
    gone(registry, clock, deployed(registry, "old", LISTED), timedelta(hours=4))
    deployed(registry, "new", UNLISTED)
    now = clock.now + timedelta(hours=1)
    since = BEGIN + timedelta(hours=3)
    assert spent_since(registry, since, now).usd == pytest.approx(1 * 1.5 + 1 * 0.5)
    assert spent_since(registry, now, now) == Spent()


def test_a_clock_that_was_put_back_makes_nothing_cheaper(registry: Registry, clock: Clock) -> None:
    deployed(registry, "one", LISTED)
    assert totals(registry, BEGIN - timedelta(hours=5)).spent.usd == 0
