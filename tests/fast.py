"""`make test-fast` (pytest -p tests.fast): the tests that need nothing but this process and Git.

What is left out is marked `slow`, belongs to a group, or uses a fixture that starts something.
A test that slips through and opens a connection or starts a program fails here and says so.
"""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Fixtures that start something.
STARTED = {
    "docker_engine",
    "gateway_url",
    "llm_server",
    "postgres",
    "stack",
    "supervisor_python",
    "windmill",
}
PROGRAMS = frozenset({"git"})
WHAT_TO_DO = "mark it `slow`, or give it what needs neither a connection nor a program"


class Guard:
    """Python tells an audit hook of every connection and program, whoever opens it."""

    def __init__(self) -> None:
        self.on = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and (told := outside(event, arguments)):
            pytest.fail(f"{told}: {WHAT_TO_DO}")


def outside(event: str, arguments: tuple[Any, ...]) -> str:
    """What this event reaches outside, in words; empty for what it may."""
    if event in ("socket.connect", "socket.sendto") and arguments[0].family != socket.AF_UNIX:
        return f"connects to {arguments[1]}"  # who only binds looks for a free port
    if event == "subprocess.Popen" and Path(str(arguments[0])).name not in PROGRAMS:
        return f"starts {arguments[0]}"
    return ""


guard = Guard()


def is_fast(item: pytest.Function) -> bool:
    marked = item.get_closest_marker("slow") or item.get_closest_marker("xdist_group")
    return not marked and STARTED.isdisjoint(item.fixturenames)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Function]) -> None:
    left_out = [item for item in items if not is_fast(item)]
    items[:] = [item for item in items if is_fast(item)]
    config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[Any]:
    guard.on = True
    try:
        return (yield)
    finally:
        guard.on = False
