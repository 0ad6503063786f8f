"""Ports are chosen by trying them."""

import socket
from collections.abc import Iterator

import pytest

from windmill.scripts.provision.errors import NoFreePort
from windmill.scripts.targets.local import free_ports as module
from windmill.scripts.targets.local.free_ports import CANDIDATES, choose_ports, port_is_free

pytestmark = pytest.mark.slow


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_each_name_gets_its_own_free_port() -> None:
    chosen = choose_ports(["api", "litellm", "model_server"], taken=())
    assert list(chosen) == ["api", "litellm", "model_server"]
    assert len(set(chosen.values())) == 3
    assert all(port in CANDIDATES and port_is_free(port) for port in chosen.values())


def test_a_listening_port_is_not_free(listener: socket.socket) -> None:
    assert not port_is_free(listener.getsockname()[1])


def test_taken_and_occupied_ports_are_passed_over(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    occupied = listener.getsockname()[1]
    free = choose_ports(["x", "y"], taken=())
    monkeypatch.setattr(module, "CANDIDATES", [occupied, free["x"], free["y"]])
    assert choose_ports(["api"], taken={free["x"]}) == {"api": free["y"]}
    with pytest.raises(NoFreePort, match="litellm"):
        choose_ports(["api", "litellm"], taken={free["x"]})
