"""Two platforms of one machine that start at the same moment."""

import socket
from pathlib import Path

import pytest

from cli.platform import embedded as platform_module
from cli.platform.embedded import Platform
from cli.platform.home import Home
from cli.platform.processes import choose_port

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("left_again", [False, True])
def test_a_port_taken_between_look_and_bind_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_again: bool
) -> None:
    if left_again:
        monkeypatch.setattr(platform_module, "port_is_free", lambda port: True)
    with socket.socket() as neighbour:
        neighbour.bind(("127.0.0.1", 0))
        neighbour.listen()
        taken = neighbour.getsockname()[1]
        first_looks = iter([taken])
        monkeypatch.setattr(
            platform_module,
            "choose_port",
            lambda wished, avoid: next(first_looks, None) or choose_port(wished, avoid),
        )
        platform = Platform(Home(tmp_path / "home", tmp_path / "cache"))
        try:
            platform.start(lambda *_: None)
            assert platform.running
            assert platform.parts["engine"].port != taken
        finally:
            platform.stop()
