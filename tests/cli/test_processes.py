"""Background processes: known by pid and start time, stopped surely, never somebody else's."""

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cli.errors import PartDied
from cli.platform.embedded import wait_ready
from cli.platform.processes import (
    Part,
    choose_port,
    is_alive,
    last_lines,
    port_is_free,
    start,
    stop,
)

pytestmark = pytest.mark.slow

SLEEPER = "import time; print('ready', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def started(folder: Path) -> Iterator[list[Part]]:
    parts: list[Part] = []
    yield parts
    stop(parts, 0)


def run_code(folder: Path, code: str, started: list[Part]) -> Part:
    (folder / "part.py").write_text(code)
    part = start(
        "engine",
        ["part"],
        port=1,
        environment={"PART": "1"},
        cwd=folder,
        log=folder / "part.log",
        fingerprint="",
    )
    started.append(part)
    return part


def wait_for_line(part: Part, text: str) -> None:
    while text not in last_lines(part.log):
        assert is_alive(part), last_lines(part.log)


def test_it_outlives_our_terminal(folder: Path, started: list[Part]) -> None:
    part = run_code(folder, SLEEPER, started)
    assert is_alive(part)
    assert os.getsid(part.pid) == part.pid
    assert (folder / "part.log").stat().st_mode & 0o777 == 0o600


def test_a_reused_pid_is_not_ours(folder: Path, started: list[Part]) -> None:
    part = run_code(folder, SLEEPER, started)
    other = replace(part, started=part.started - 60)
    assert not is_alive(other)
    stop([other], 0)
    assert is_alive(part)


def test_stop_asks_first(folder: Path, started: list[Part]) -> None:
    code = (
        "import signal, sys; signal.signal(15, lambda *_: (print('bye', flush=True), sys.exit()))"
    )
    part = run_code(folder, f"{code}; {SLEEPER}", started)
    wait_for_line(part, "ready")
    stop([part])
    assert not is_alive(part)
    assert last_lines(part.log) == "ready\nbye"


def test_stop_kills_what_does_not_listen(folder: Path, started: list[Part]) -> None:
    part = run_code(folder, STUBBORN + SLEEPER, started)
    wait_for_line(part, "ready")
    stop([part], grace_seconds=0.1)
    assert not is_alive(part)


def test_a_part_that_dies_says_why(folder: Path, started: list[Part]) -> None:
    part = run_code(folder, "raise SystemExit('no database at /x')", started)
    with pytest.raises(PartDied) as died:
        wait_ready(part, 30)
    assert "no database at /x" in str(died.value)
    assert part.log in died.value.where


def test_a_large_log_is_put_aside(folder: Path, started: list[Part]) -> None:
    (folder / "part.log").write_bytes(b"x" * 5_000_001)
    part = run_code(folder, SLEEPER, started)
    wait_for_line(part, "ready")
    assert last_lines(part.log) == "ready"
    assert (folder / "part.old.log").stat().st_size == 5_000_001


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not port_is_free(port)
        chosen = choose_port(port)
        assert chosen > port
        assert choose_port(port, [chosen]) > chosen
