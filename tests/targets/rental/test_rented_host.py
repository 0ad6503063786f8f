"""Taking a rented machine away: with its key gone too, and whether anything is known of it."""

from pathlib import Path

import pytest

from tests.targets.rental.desk import L4, World
from windmill.scripts.targets.rental import desks, rented_host
from windmill.scripts.targets.rental.errors import NoProviderKey
from windmill.scripts.targets.rental.machine_names import installation_of
from windmill.scripts.targets.rental.rented_host import give_back_all
from windmill.scripts.targets.rental.renting import rent

PLATFORM_KEY = "platform-key"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path)
    monkeypatch.setattr(rented_host, "open_registry", world.registry)
    monkeypatch.setattr(desks, "platform_key", lambda: PLATFORM_KEY)
    monkeypatch.setattr(desks, "RENTALS", {"runpod": lambda *_: world.desk().provider})
    return world


def test_its_machine_is_ended(world: World, stored_keys: dict[str, str]) -> None:
    stored_keys["runpod"] = "key"
    desk = world.desk(installation=installation_of(PLATFORM_KEY))
    rent(desk, world.order(desk, world.deployment()), [L4])
    give_back_all("runpod", world.deployment().id)
    assert not world.fake.held


def test_without_a_key_what_is_rented_is_not_forgotten(world: World) -> None:
    desk = world.desk(installation=installation_of(PLATFORM_KEY))
    rent(desk, world.order(desk, world.deployment()), [L4])
    with pytest.raises(NoProviderKey, match="No key of runpod"):
        give_back_all("runpod", world.deployment().id)
    assert world.fake.held


def test_without_a_key_what_was_never_rented_is_taken_away_all_the_same(world: World) -> None:
    give_back_all("runpod", world.deployment().id)
    assert not world.fake.requests
