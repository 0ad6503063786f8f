"""The machines of one run, held together against what all of them may cost."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from windmill.scripts.model.base.errors import WholeIsSpent
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.cost.choice import price_of
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.drawing.deployment import State
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.store.attempts import Attempts
from windmill.scripts.store.figures.allotting import Allotments
from windmill.scripts.store.figures.reserve import reserve_of, within_first
from windmill.scripts.store.registry import Registry

WHOLE = 1.0
Begin = Callable[..., str]


@pytest.fixture
def registry(database_url: str) -> Iterator[Registry]:
    registry = Registry(database_url)
    yield registry
    registry.engine.dispose()


@pytest.fixture
def begin(registry: Registry) -> Begin:
    def begun(name: str, root: str = "root") -> str:
        drawing = Pipeline(name=name, nodes=(Node(id="d", component="documents"),))
        return registry.begin(drawing, f"{root}-{name}", root, lambda _: True, "desks").id

    return begun


def take(registry: Registry, id: str, wanted: float) -> None:
    may = Allotments(registry).taking(id, WHOLE, wanted)
    registry.assign_target(id, Target.runpod, {}, max_hourly_usd=wanted, may=may)


def rent(registry: Registry, id: str, hourly_usd: float) -> None:
    offer = Offer(target=Target.runpod, name="L4", hourly_usd=hourly_usd)
    books = Attempts(registry.engine, registry.clock)
    told = offer.model_dump_json(exclude_defaults=True)
    made = books.intend(id, "RunPod", told, "digest", lambda n: f"{id}.{n}", price_of(offer))
    books.rented(made.name, f"pod-of-{id}", hourly_usd)


def test_what_one_takes_the_others_have_not(registry: Registry, begin: Begin) -> None:
    one, two = begin("one"), begin("two")
    assert Allotments(registry).left(two, WHOLE) == 1.0
    take(registry, one, 0.7)
    assert Allotments(registry).left(two, WHOLE) == 0.3
    with pytest.raises(WholeIsSpent, match=r"0\.40 USD an hour, and of the 1\.00 .* 0\.30 are"):
        take(registry, two, 0.4)
    assert registry.require(two).target is None
    take(registry, two, 0.3)
    assert Allotments(registry).left(one, WHOLE) == 0.7, "nobody's own is held against it"


def test_more_is_taken_only_of_what_nobody_has_and_up_to_what_one_may_cost(
    registry: Registry, begin: Begin
) -> None:
    one, two = begin("one"), begin("two")
    take(registry, one, 0.3)
    take(registry, two, 0.3)
    reserve = reserve_of({"up_to_usd": 0.6, "whole_usd": WHOLE}, registry, one)
    assert [reserve.may_cost(0.65), reserve.may_cost(0.6)] == [False, True]
    assert registry.pipeline(one).compute.max_hourly_usd == 0.6
    assert Allotments(registry).left(two, WHOLE) == 0.4
    other = reserve_of({"up_to_usd": 0.9, "whole_usd": WHOLE}, registry, two)
    assert [other.may_cost(0.41), other.may_cost(0.4)] == [False, True]
    assert registry.pipeline(two).compute.max_hourly_usd == 0.4
    assert not reserve_of(None, registry, two).may_cost(0.01), "nobody said that it may"


def test_what_it_was_rented_for_counts_once_the_run_is_done(
    registry: Registry, begin: Begin
) -> None:
    one, two = begin("one"), begin("two")
    take(registry, one, 0.7)
    rent(registry, one, 0.4)
    assert Allotments(registry).left(two, WHOLE) == 0.3, "it may yet take a dearer one"
    registry.finish(one, State.live)
    assert Allotments(registry).left(two, WHOLE) == 0.6


def test_what_the_meta_pipeline_has_from_before_counts_and_nobody_else_s_does(
    registry: Registry, begin: Begin
) -> None:
    before, other = begin("one", root="before"), begin("two")
    take(registry, before, 0.4)
    rent(registry, before, 0.4)
    registry.finish(before, State.live)
    alone = Pipeline(name="alone", nodes=(Node(id="d", component="documents"),))
    rent(registry, registry.begin(alone, "x", "x", lambda _: True).id, 0.5)
    assert Allotments(registry).left(other, WHOLE) == 0.6


def test_what_failed_and_is_gone_is_free_again(registry: Registry, begin: Begin) -> None:
    one, two = begin("one"), begin("two")
    take(registry, one, 0.7)
    registry.finish(one, State.failed)
    assert Allotments(registry).left(two, WHOLE) == 1.0


def test_of_many_at_once_no_more_get_theirs_than_there_is(registry: Registry, begin: Begin) -> None:
    ids = [begin(f"part-{at}") for at in range(8)]
    with ThreadPoolExecutor(len(ids)) as pool:
        asked = [pool.submit(partial(take, registry, id, 0.3)) for id in ids]
        refused = [each.exception() for each in asked]
    assert sum(each is None for each in refused) == 3
    assert {type(each) for each in refused if each} == {WholeIsSpent}


def test_what_it_may_cost_already_is_asked_for_first_and_the_order_stays() -> None:
    prices = [0.5, 0.3, 0.9, 0.4]
    offers = [Offer(target=Target.runpod, name="L4", hourly_usd=each) for each in prices]
    assert [each.hourly_usd for each in within_first(offers, 0.4)] == [0.3, 0.4, 0.5, 0.9]
    assert [each.hourly_usd for each in within_first(offers, None)] == prices
