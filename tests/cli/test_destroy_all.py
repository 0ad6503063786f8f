"""`mlops down --destroy`: everything that stands is tried, and what is left is told."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from cli.actions.running import Tell, destroy_all, left_deployments
from cli.clients.gateway import Gateway
from cli.commands.platform import down
from cli.errors import Refused
from cli.platform.home import Home
from tests.cli.conftest import Mlops
from tests.gateway.stack import Stack
from windmill.scripts.model.base.errors import RegistryAhead
from windmill.scripts.model.drawing.deployment import State


@pytest.fixture
def standing(platform: Mlops, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Two deployments, as the registry of this home tells."""
    Home.from_environment().make()
    monkeypatch.setattr(Home, "registry_url", stack.registry_url)
    monkeypatch.setattr(Home, "registry_file", Path(stack.registry_url.removeprefix("sqlite:///")))
    monkeypatch.setattr("cli.platform.embedded.Platform.running", True)
    names = [f"rag-{uuid.uuid4().hex[:6]}" for _ in range(2)]
    return {name: stack.register(str(uuid.uuid4()), name, State.live).id for name in names}


def test_what_stands_is_read_from_the_registry_itself(standing: dict[str, str]) -> None:
    left = {
        item["name"]: item["endpoint_url"] for item in left_deployments(Home.from_environment())
    }
    for name in standing:
        assert left[name] == "http://127.0.0.1:9000"


def test_one_that_cannot_go_does_not_save_the_others(
    standing: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, free = standing.values()

    def destroy(gateway: Gateway, id: str, forget: bool) -> dict[str, Any]:
        if id == stuck:
            raise Refused(message="no such luck")
        return {"id": None, "deployment_id": id, "name": id, "state": "destroyed"}

    monkeypatch.setattr(Gateway, "destroy", destroy)
    told: list[str] = []
    results = {item["id"]: item for item in destroy_all(Home.from_environment(), told.append)}
    assert results[stuck]["destroyed"] is False
    assert results[stuck]["error"]["message"] == "no such luck"
    assert results[free]["destroyed"] is True
    assert any("NOT destroyed: no such luck" in line for line in told)


def test_a_registry_that_cannot_be_read_keeps_nothing_running(
    mlops: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(home: Home) -> list[dict[str, Any]]:
        raise RegistryAhead("r9999", "r0003")

    def take_down(home: Home, tell: Tell) -> list[str]:
        stopped.append(home)
        return ["engine", "gateway"]

    stopped: list[Home] = []
    monkeypatch.setattr(down, "left_deployments", unreadable)
    monkeypatch.setattr(down, "take_down", take_down)
    assert mlops("down").code == 1
    assert len(stopped) == 1
