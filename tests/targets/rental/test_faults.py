"""Killed or answered ambiguously at any numbered point, then run again: nothing is forgotten.

I1 what is billed is what is known; I2 one machine an attempt, one for a live deployment; I3 no
secret in anything written; I5 what is billed stays within the budget; I6 what is counted is what
is billed, machine by machine and in money, but for the time until a machine is seen to be gone.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.runpod.fake import FakeRunpod, Fault
from tests.targets.rental.desk import (
    A5000,
    CAP,
    L4,
    PRICES,
    SECRET,
    Kill,
    Killed,
    Steps,
    World,
    charged,
)
from windmill.scripts.model.drawing.deployment import State
from windmill.scripts.targets.rental.errors import NotEnded, NothingRented, RentalError
from windmill.scripts.targets.rental.provider import Limits
from windmill.scripts.targets.rental.reconciling import orphans
from windmill.scripts.targets.rental.renting import rent
from windmill.scripts.targets.rental.settling import release

Act = Callable[[World, Steps], None]


def deploy(world: World, steps: Steps, digest: str = "one") -> None:
    desk = world.desk(steps)
    new = rent(desk, world.order(desk, world.deployment(), digest), [L4, A5000])
    release(desk, new.deployment_id, keep=new.name)
    world.finish(steps, State.live)


def redeploy(world: World, steps: Steps) -> None:
    deploy(world, steps, "two")


def destroy(world: World, steps: Steps) -> None:
    release(world.desk(steps), world.deployment().id)
    world.finish(steps, State.destroyed)


def replace_what_stays(world: World, steps: Steps) -> None:
    """The machine before does not end, which takes down nothing that people use."""
    desk = replace(world.desk(steps), limits=Limits(end=timedelta(seconds=10)))
    world.fake.clings = True
    try:
        new = rent(desk, world.order(desk, world.deployment(), "two"), [L4])
        release(desk, new.deployment_id, keep=new.name)
    except NotEnded:
        world.finish(steps, State.live)


def fail_over(world: World, steps: Steps) -> None:
    """The first offer is gone when it is asked for."""
    world.fake.prices.pop(L4.machine, None)
    deploy(world, steps)


ACTS: dict[str, tuple[Act, bool, int]] = {
    # what is done, whether something is deployed before, machines afterwards
    "deploy": (deploy, False, 1),
    "redeploy": (redeploy, True, 1),
    "destroy": (destroy, True, 0),
    "failover": (fail_over, False, 1),
}
AMBIGUOUS: tuple[Fault, ...] = ("lost_after", "timeout_after", "garbled_after", "down", "unsent")


def begun(folder: Path, before: bool, lag: int = 0) -> World:
    world = World(folder, FakeRunpod(prices=dict(PRICES), listing_lag=lag))
    if before:
        deploy(world, Steps())
    return world


def points(name: str, folder: Path, lag: int) -> int:
    act, before, _ = ACTS[name]
    folder.mkdir()
    world, steps = begun(folder, before, lag), Steps()
    act(world, steps)
    return steps.count


def check(world: World, machines: int) -> None:
    desk = world.desk()
    known = {attempt.machine_id for attempt in desk.books.open()}
    assert world.billed() == known, "I1"
    names = [pod["name"] for pod in world.fake.held.values()]
    assert len(names) == len(set(names)) == machines, "I2"
    assert not any(SECRET.encode() in text for text in world.written()), "I3"
    assert world.fake.hourly <= CAP, "I5"
    charged(world, world.bill())
    assert not orphans(desk, {world.deployment().id: None})


@pytest.mark.parametrize("lag", [0, 2], ids=["listings at once", "listings two behind"])
@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("kill", ["before", "after"])
def test_killed_at_any_point_and_run_again(tmp_path: Path, name: str, lag: int, kill: Kill) -> None:
    act, before, machines = ACTS[name]
    count = points(name, tmp_path / "counted", lag)
    assert count > 3
    for number in range(1, count + 1):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        world = begun(folder, before, lag)
        with pytest.raises(Killed):
            act(world, Steps({number: kill}))
        charged(world, world.bill(), at_least=True)
        act(world, Steps())
        check(world, machines)


@pytest.mark.parametrize("kill", ["before", "after"])
def test_two_machines_are_counted_for_as_long_as_both_are_there(tmp_path: Path, kill: Kill) -> None:
    (tmp_path / "counted").mkdir()
    counted, steps = begun(tmp_path / "counted", before=True), Steps()
    replace_what_stays(counted, steps)
    assert steps.count > 5
    for number in range(1, steps.count + 1):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        world = begun(folder, before=True)
        with pytest.raises(Killed):
            replace_what_stays(world, Steps({number: kill}))
        charged(world, world.bill(), at_least=True)
        replace_what_stays(world, Steps())
        assert len(world.billed()) == 2
        charged(world, world.bill())
        world.fake.clings = False
        destroy(world, Steps())
        charged(world, world.bill())
        assert not world.counted().charges


@pytest.mark.parametrize("fault", AMBIGUOUS)
@pytest.mark.parametrize("name", ACTS)
def test_any_request_may_fail_and_the_next_run_mends_it(
    tmp_path: Path, name: str, fault: Fault
) -> None:
    act, before, machines = ACTS[name]
    world = begun(tmp_path, before)
    already = len(world.fake.requests)
    act(world, Steps())
    count = len(world.fake.requests) - already
    for number in range(1, count + 1):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        world = begun(folder, before)
        world.fake.faults = {len(world.fake.requests) + number: fault}
        try:
            act(world, Steps())
        except (RentalError, NothingRented):
            charged(world, world.bill(), at_least=True)
            act(world, Steps())
        check(world, machines)
