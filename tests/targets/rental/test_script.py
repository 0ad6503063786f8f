"""The step that looks for orphans: at the providers whose key is stored, and at no other."""

from pathlib import Path

import pytest

from tests.targets.rental.desk import L4, World
from windmill.scripts import reconcile_orphans
from windmill.scripts.model.base.windmill_paths import PROVIDER_KEYS
from windmill.scripts.targets.rental import desks, provider_keys
from windmill.scripts.targets.rental.errors import KeyRefused, ProviderFailed
from windmill.scripts.targets.rental.machine_names import installation_of
from windmill.scripts.targets.rental.provider import Machine
from windmill.scripts.targets.rental.renting import rent

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
