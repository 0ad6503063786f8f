"""Renting: what is tried in which order, what is kept, what is ended, and what is told of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.runpod.fake import FakeRunpod, Fault
from tests.targets.rental.desk import A5000, CAP, ELSEWHERE, H100, HERE, L4, PRICES, World
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.store.attempts import AttemptState
from windmill.scripts.targets.rental.errors import (
    KeyRefused,
    NoMoney,
    NotEnded,
    NothingRented,
    OrderRefused,
    RentalError,
)
from windmill.scripts.targets.rental.machine_names import MachineName, installation_of
from windmill.scripts.targets.rental.reconciling import end_orphan, orphans
from windmill.scripts.targets.rental.renting import never, rent
from windmill.scripts.targets.rental.settling import release


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_machine_bears_the_installation_the_deployment_and_the_attempt(world: World) -> None:
    deployment, desk = world.deployment(), world.desk()
    attempt = rent(desk, world.order(desk, deployment), [L4])
    [pod] = world.fake.held.values()
    assert pod["name"] == attempt.name == f"mlops.{HERE}.{deployment.id}.1"
    assert MachineName.read(pod["name"]) == MachineName(HERE, deployment.id, 1)
    assert (attempt.machine_id, attempt.hourly_usd) == (pod["id"], 0.39)
    assert pod["status"] == "RUNNING"


@pytest.mark.parametrize("name", ["", "llm", "mlops.x.llm.1", f"mlops.{HERE}.llm.0", "a-1-2-3"])
def test_names_of_others_are_not_ours(name: str) -> None:
    assert MachineName.read(name) is None


def test_the_installation_follows_from_the_platform_s_key() -> None:
    assert installation_of("a") == installation_of("a") != installation_of("b")


def test_the_same_order_again_rents_nothing(world: World) -> None:
    deployment, desk = world.deployment(), world.desk()
    first = rent(desk, world.order(desk, deployment), [L4])
    assert rent(desk, world.order(desk, deployment), [A5000, L4]).name == first.name
    assert len(world.fake.held) == 1


def test_a_dearer_one_is_asked_for_once_it_may_cost_that_and_nothing_before_it(
    world: World,
) -> None:
    asked: list[float] = []

    def may_cost(hourly_usd: float) -> bool:
        asked.append(hourly_usd)
        return hourly_usd < 1

    deployment, desk = world.deployment(), world.desk()
    order = replace(world.order(desk, deployment), max_hourly_usd=0.4, may_cost=may_cost)
    world.fake.faults = {1: "full"}
    attempt = rent(desk, order, [L4, H100, A5000])
    assert (asked, attempt.hourly_usd) == ([H100.hourly_usd, A5000.hourly_usd], 0.45)
    assert len(world.fake.held) == 1
    other = world.deployment("other")
    order = replace(order, deployment_id=other.id, may_cost=never)
    world.fake.faults = {len(world.fake.requests) + 1: "full"}
    with pytest.raises(NothingRented, match=r"A5000 for 0\.45 USD per hour: over the cap of 0\.40"):
        rent(desk, order, [L4, A5000])


@pytest.mark.parametrize("where", ["US-KS-2", ""])
def test_a_machine_that_stands_elsewhere_than_it_must_is_ended(world: World, where: str) -> None:
    deployment, desk = world.deployment(), world.desk()
    world.fake.strays = where
    there = L4.model_copy(update={"region": "EU-RO-1"})
    with pytest.raises(NothingRented, match="EU-RO-1 was ordered"):
        rent(desk, world.order(desk, deployment), [there])
    assert (world.fake.held, desk.books.open(deployment.id)) == ({}, [])
    world.fake.strays = None
    rent(desk, world.order(desk, deployment), [there])
    assert [pod["dataCenterId"] for pod in world.fake.held.values()] == ["EU-RO-1"]


def test_what_is_kept_needs_nothing_of_the_market(world: World) -> None:
    """Which may be too dear by now, or not answer."""

    def nothing_within_the_cap() -> Iterator[Offer]:
        raise AssertionError("the market is asked")
        yield

    deployment, desk = world.deployment(), world.desk()
    first = rent(desk, world.order(desk, deployment), [L4])
    world.fake.prices[L4.machine] = 9.0
    assert rent(desk, world.order(desk, deployment), nothing_within_the_cap()) == first


def test_a_replacement_is_there_before_the_machine_before_it_ends(world: World) -> None:
    deployment, desk = world.deployment(), world.desk()
    rent(desk, world.order(desk, deployment, "one"), [L4])
    new = rent(desk, world.order(desk, deployment, "two"), [L4])
    assert len(world.fake.held) == 2
    release(desk, deployment.id, keep=new.name)
    assert world.billed() == {new.machine_id}


def test_candidates_follow_each_other_within_the_cap_and_each_is_accounted_for(
    world: World,
) -> None:
    deployment, desk = world.deployment(), world.desk()
    del world.fake.prices[L4.machine]
    attempt = rent(desk, world.order(desk, deployment), [H100, L4, A5000])
    assert world.fake.held[attempt.machine_id]["gpu"]["id"] == A5000.machine
    del world.fake.prices[A5000.machine]
    release(desk, deployment.id)
    with pytest.raises(OrderRefused, match="no GPU NVIDIA RTX A5000"):
        rent(desk, world.order(desk, deployment), [L4, A5000])
    world.fake.faults = {len(world.fake.requests) + 1: "full"}
    with pytest.raises(NothingRented) as caught:
        rent(desk, world.order(desk, deployment), [L4, H100])
    assert "L4 for 0.39 USD per hour: There are no instances" in caught.value.message
    assert "H100 for 3.99 USD per hour: over the cap of 0.60 USD" in caught.value.message
    assert not world.fake.held


@pytest.mark.parametrize(("fault", "error"), [("poor", NoMoney)])
def test_what_no_other_offer_helps_against_ends_the_search(
    world: World, fault: Fault, error: type[RentalError]
) -> None:
    deployment, desk = world.deployment(), world.desk()
    world.fake.faults = {1: fault}
    with pytest.raises(error):
        rent(desk, world.order(desk, deployment), [L4, A5000])
    assert len(world.fake.requests) == 1
    assert not desk.books.open()


def test_a_limit_is_waited_for_and_the_same_offer_asked_again(world: World) -> None:
    deployment, desk = world.deployment(), world.desk()
    world.fake.faults = {1: "limited"}
    attempt = rent(desk, world.order(desk, deployment), [L4, A5000])
    assert attempt.number == 2
    assert world.fake.held[attempt.machine_id]["gpu"]["id"] == L4.machine
    assert world.seconds >= 7


@pytest.mark.parametrize("fault", ["lost_after", "timeout_after", "garbled_after"])
@pytest.mark.parametrize("lag", [0, 3])
def test_an_answer_that_does_not_say_leads_to_the_machine_that_was_made(
    world: World, fault: Fault, lag: int
) -> None:
    deployment, desk = world.deployment(), world.desk()
    world.fake.faults, world.fake.listing_lag = {1: fault}, lag
    attempt = rent(desk, world.order(desk, deployment), [L4])
    assert world.billed() == {attempt.machine_id}
    assert attempt.number == 1


def test_a_price_that_rose_over_the_cap_is_not_paid(world: World) -> None:
    deployment, desk = world.deployment(), world.desk()
    world.fake.prices[L4.machine] = 0.99
    attempt = rent(desk, world.order(desk, deployment), [L4, A5000])
    assert world.billed() == {attempt.machine_id}
    assert world.fake.hourly == 0.45


def test_a_machine_that_never_runs_is_ended_and_the_next_is_tried(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment, desk = world.deployment(), world.desk()
    made: list[str] = []

    def sleep(seconds: float) -> None:
        world.seconds += seconds
        for pod in world.fake.held.values():
            stuck = pod["gpu"]["id"] == L4.machine
            pod["status"] = "PROVISIONING" if stuck else "RUNNING"
            made.append(pod["gpu"]["id"])

    object.__setattr__(desk, "sleep", sleep)
    attempt = rent(desk, world.order(desk, deployment), [L4, A5000])
    assert set(made) == {L4.machine, A5000.machine}
    assert world.billed() == {attempt.machine_id}


def test_what_does_not_end_is_told_and_goes_on_being_known(world: World) -> None:
    deployment, desk = world.deployment(), world.desk()
    rent(desk, world.order(desk, deployment), [L4])
    world.fake.clings = True
    with pytest.raises(NotEnded, match=r"0\.39 USD per hour"):
        release(desk, deployment.id)
    assert [each.state for each in desk.books.open()] == [AttemptState.ending]
    [orphan] = orphans(desk, {deployment.id: None})
    assert orphan.reason == "it was asked to end and is still there"
    world.fake.clings = False
    release(desk, deployment.id)
    assert not world.fake.held
    assert not desk.books.open()


def test_a_refused_key_says_so(world: World) -> None:
    deployment, desk = world.deployment(), world.desk()
    client = desk.provider._client  # type: ignore[attr-defined]
    client._http.headers["Authorization"] = "Bearer wrong"
    with pytest.raises(KeyRefused):
        rent(desk, world.order(desk, deployment), [L4])


def test_orphans_are_found_with_the_database_lost_and_only_those_of_this_installation(
    world: World, tmp_path: Path
) -> None:
    desk = world.desk()
    mine = rent(desk, world.order(desk, world.deployment("mine")), [L4])
    theirs = world.desk(installation=ELSEWHERE)
    other = rent(theirs, world.order(theirs, world.deployment("theirs")), [L4])
    assert not orphans(desk, dict.fromkeys((mine.deployment_id, other.deployment_id)))

    (tmp_path / "new").mkdir()
    after = World(tmp_path / "new", fake=world.fake).desk()
    [orphan] = orphans(after, {})
    assert orphan.machine.id == mine.machine_id
    assert orphan.reason == "no registry entry asks for it"
    end_orphan(after, orphan)
    assert world.billed() == {other.machine_id}


def test_a_machine_of_a_destroyed_deployment_is_an_orphan(world: World) -> None:
    deployment, desk = world.deployment(), world.desk()
    rent(desk, world.order(desk, deployment), [L4])
    [orphan] = orphans(desk, {})
    assert orphan.reason == "its deployment is destroyed"
    end_orphan(desk, orphan)
    assert not world.fake.held
    assert not desk.books.open()


def test_what_a_live_deployment_is_not_on_is_an_orphan(world: World) -> None:
    deployment, desk = world.deployment(), world.desk()
    old = rent(desk, world.order(desk, deployment), [L4])
    new = rent(desk, world.order(desk, deployment, "two"), [L4])
    [orphan] = orphans(desk, {deployment.id: new.machine_id})
    assert orphan.machine.id == old.machine_id
    assert orphan.reason == f"its deployment is on {new.machine_id}"
    assert len(orphans(desk, {deployment.id: ""})) == 2


def test_the_fake_s_prices_are_those_of_the_offers() -> None:
    assert FakeRunpod(prices=dict(PRICES)).prices[L4.machine] == L4.hourly_usd


def test_a_price_that_is_told_only_once_the_machine_runs_is_kept_to_the_cap_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, deployment = world.desk(), world.deployment()
    provider = desk.provider
    create = provider.create
    monkeypatch.setattr(provider, "create", lambda *told: replace(create(*told), hourly_usd=0.0))
    kept = rent(desk, world.order(desk, deployment), [L4])
    assert kept.hourly_usd == 0.39
    assert desk.books.open()[0].hourly_usd == 0.39
    world.fake.prices[A5000.machine] = CAP + 0.1
    with pytest.raises(NothingRented, match=r"rose to 0\.70 USD"):
        rent(desk, world.order(desk, world.deployment("other")), [A5000])
    assert world.billed() == {kept.machine_id}


def test_a_machine_that_does_not_end_keeps_nobody_from_deploying_and_stays_known(
    world: World,
) -> None:
    deployment, desk = world.deployment(), world.desk()
    first = rent(desk, world.order(desk, deployment, "one"), [L4])
    world.fake.clings = True
    with pytest.raises(NotEnded):
        release(desk, deployment.id)
    second = rent(desk, world.order(desk, deployment, "two"), [L4])
    assert second.machine_id != first.machine_id
    assert any(first.machine_id in line and "mlops orphans --end" in line for line in world.said)
    known = {each.machine_id: each.state for each in desk.books.open(deployment.id)}
    assert known == {first.machine_id: AttemptState.ending, second.machine_id: AttemptState.rented}
    assert {each.attempt for each in world.counted().charges} == {first.name, second.name}
    world.fake.clings = False
    [left] = orphans(desk, {deployment.id: second.machine_id})
    end_orphan(desk, left)
    assert world.billed() == {second.machine_id}
