"""The step that looks for orphans: at the providers whose key is stored, and at no other."""

from pathlib import Path
from typing import Any

import pytest
import wmill

from tests.targets.rental.desk import L4, World
from windmill.scripts import reconcile_orphans
from windmill.scripts.model.base.windmill_paths import PROVIDER_KEYS
from windmill.scripts.model.drawing.deployment import State
from windmill.scripts.targets.rental import desks, provider_keys
from windmill.scripts.targets.rental.errors import KeyRefused, ProviderFailed
from windmill.scripts.targets.rental.machine_names import installation_of
from windmill.scripts.targets.rental.provider import Machine, Provider
from windmill.scripts.targets.rental.renting import rent
from windmill.scripts.worker.notifications import NotDelivered

KEY = "platform-key"
PATH = f"{PROVIDER_KEYS}/runpod"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path)
    monkeypatch.setattr(desks, "platform_key", lambda: KEY)
    monkeypatch.setattr(provider_keys, "secret_variable", {PATH: "key"}.get)
    monkeypatch.setattr(desks, "RENTALS", {"runpod": lambda *_: world.desk().provider})
    monkeypatch.setattr(reconcile_orphans, "open_registry", world.registry)
    monkeypatch.setattr(reconcile_orphans, "run_is_over", lambda run: world.over)
    return world


def test_what_serves_is_left_and_what_does_not_is_ended_when_told(world: World) -> None:
    desk = world.desk(installation=installation_of(KEY))
    used = rent(desk, world.order(desk, world.deployment()), [L4])
    assert reconcile_orphans.main() == {
        "looked_at": ["RunPod"], "not_asked": {}, "orphans": [], "hourly_usd": 0, "ended": [],
        "lost": [],
    }  # fmt: skip
    world.over = True  # whoever rented it was killed, and nobody took it up again
    (left,) = reconcile_orphans.main()["orphans"]
    assert left["reason"] == "its deployment is on no machine"
    desk.books.gone(used.name)

    found = reconcile_orphans.main()
    assert [each["machine"] for each in found["orphans"]] == [used.machine_id]
    assert (found["hourly_usd"], found["ended"]) == (0.39, [])
    assert reconcile_orphans.main(end=True, machines=["another"])["ended"] == []
    assert reconcile_orphans.main(end=True)["ended"] == [used.machine_id]
    assert not world.fake.held


def test_without_a_key_nobody_is_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_keys, "secret_variable", lambda path: "")
    assert reconcile_orphans.main()["looked_at"] == []
    assert not world.fake.requests


def test_a_provider_that_cannot_be_asked_hides_no_other_s_machine(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = world.desk(installation=installation_of(KEY))
    used = rent(desk, world.order(desk, world.deployment()), [L4])
    world.over = True

    class Down:
        name = "Down"

        def machines(self) -> list[Machine]:
            raise ProviderFailed(self.name, "no answer")

    def refuses(*_: object) -> Down:
        raise KeyRefused("Refuses", "it is no key")

    rentals = {"vastai": lambda *_: Down(), "exoscale": refuses, **desks.RENTALS}
    monkeypatch.setattr(desks, "RENTALS", rentals)
    monkeypatch.setattr(provider_keys, "secret_variable", lambda path: "key")
    found = reconcile_orphans.main()
    assert [each["machine"] for each in found["orphans"]] == [used.machine_id]
    assert found["looked_at"] == ["RunPod"]
    assert found["not_asked"].keys() == {"Down", "Refuses"}
    assert "no answer" in found["not_asked"]["Down"]


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What people are told; the looks of one schedule remember what the ones before found."""
    told: list[str] = []
    state: dict[str, Any] = {}
    monkeypatch.setattr(wmill, "get_state", lambda: state.get("held"))
    monkeypatch.setattr(wmill, "set_state", lambda value: state.update(held=value))
    monkeypatch.setattr(reconcile_orphans, "deliver", lambda _, text: told.append(text))
    return told


def on_its_machine(world: World) -> str:
    """A deployment that is live on a rented machine; the machine's id."""
    desk = world.desk(installation=installation_of(KEY))
    used = rent(desk, world.order(desk, world.deployment()), [L4])
    registry = world.registry()
    registry.publish(used.deployment_id, {"api": "http://192.0.2.1"}, used.machine_id)
    registry.finish(used.deployment_id, State.live)
    world.over = True
    return used.machine_id


@pytest.mark.parametrize("taken", ["stopped", "gone"])
def test_a_machine_that_was_taken_back_makes_its_deployment_degraded(
    world: World, people: list[str], taken: str
) -> None:
    machine = on_its_machine(world)
    assert reconcile_orphans.main(watch=True)["lost"] == []
    if taken == "gone":
        world.fake.held.clear()
    else:
        world.fake.held[machine]["status"] = "EXITED"
    for state in (State.live, State.degraded):  # one look proves nothing
        (lost,) = reconcile_orphans.main(watch=True)["lost"]
        assert (lost["machine_id"], lost["deployment_id"]) == (machine, world.deployment().id)
        assert world.counted().state == state
    assert machine in world.counted().error
    assert [machine in text for text in people] == [True]


def test_a_lost_machine_says_nothing_of_a_deployment_that_is_on_another(world: World) -> None:
    machine = on_its_machine(world)
    registry, known = world.registry(), world.deployment().id
    assert not registry.degrade(known, "another", "it was taken back")
    assert registry.require(known).state == State.live
    assert registry.degrade(known, machine, "it was taken back")


def orphan(world: World) -> str:
    desk = world.desk(installation=installation_of(KEY))
    used = rent(desk, world.order(desk, world.deployment()), [L4])
    desk.books.gone(used.name)
    return used.machine_id


def test_people_are_told_once_of_what_two_looks_in_a_row_find(
    world: World, people: list[str]
) -> None:
    machine = orphan(world)
    for looks in range(1, 5):
        assert reconcile_orphans.main(watch=True)["ended"] == []
        assert len(people) == (0 if looks == 1 else 1)
    assert f"{machine} at RunPod, 0.39 USD an hour: no registry entry asks for it" in people[0]
    assert "mlops orphans --end" in people[0]
    assert world.fake.held
    another = orphan(world)
    for _ in range(3):
        reconcile_orphans.main(watch=True)
    assert len(people) == 2
    assert another in people[1]
    assert machine not in people[1]


def test_a_schedule_that_may_end_machines_ends_what_two_looks_in_a_row_find(
    world: World, people: list[str]
) -> None:
    machine = orphan(world)
    assert reconcile_orphans.main(end=True, watch=True)["ended"] == []
    assert reconcile_orphans.main(end=True, watch=True)["ended"] == [machine]
    assert not world.fake.held
    assert "ended now" in people[0]
    assert reconcile_orphans.main(end=True, watch=True)["orphans"] == []


def test_what_was_gone_for_a_look_is_new_when_it_comes_back(
    world: World, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    orphan(world)
    reconcile_orphans.main(watch=True)
    with monkeypatch.context() as nobody:
        nobody.setattr(provider_keys, "secret_variable", lambda path: "")
        reconcile_orphans.main(watch=True)
    reconcile_orphans.main(watch=True)
    assert people == []
    reconcile_orphans.main(watch=True)
    assert len(people) == 1


def test_whom_nobody_could_tell_is_told_at_the_next_look(
    world: World, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> bool:
        raise NotDelivered("n8n does not answer")

    orphan(world)
    reconcile_orphans.main(watch=True)
    with monkeypatch.context() as down:
        down.setattr(reconcile_orphans, "deliver", silent)
        reconcile_orphans.main(watch=True)
    reconcile_orphans.main(watch=True)
    reconcile_orphans.main(watch=True)
    assert len(people) == 1


def test_a_provider_that_two_looks_cannot_ask_is_told_once(
    world: World, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> Provider:
        raise KeyRefused("RunPod", "it is no key")

    monkeypatch.setattr(desks, "RENTALS", {"runpod": refuses})
    for _ in range(4):
        reconcile_orphans.main(watch=True)
    (told,) = people
    assert "RunPod could not be asked: " in told
