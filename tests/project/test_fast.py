"""`make test-fast` starts nothing, and a test that would is told so."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fast import outside

ROOT = Path(__file__).parents[2]
SNEAKING = """
import socket, subprocess, sys
import pytest

def test_connects():
    try:
        socket.create_connection(("127.0.0.1", 9))
    except OSError:
        pass

def test_starts():
    subprocess.run([sys.executable, "-c", ""])

def test_asks_git():
    assert subprocess.run(["git", "--version"]).returncode == 0

@pytest.mark.slow
def test_is_left_out():
    subprocess.run([sys.executable, "-c", ""])
"""


@pytest.mark.parametrize(
    ("family", "told"),
    [(socket.AF_INET, "connects to"), (socket.AF_INET6, "connects to"), (socket.AF_UNIX, "")],
)
def test_a_socket_of_this_machine_s_files_is_no_network(family: int, told: str) -> None:
    with socket.socket(family) as opened:
        assert outside("socket.connect", (opened, "there")) == (told and f"{told} there")


@pytest.mark.slow
def test_a_test_that_slips_through_fails_and_is_told_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "test_sneaking.py").write_text(SNEAKING)
    command = [sys.executable, "-m", "pytest", "-p", "tests.fast", "-c", "/dev/null", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "2 failed, 1 passed, 1 deselected" in done.stdout
    assert "mark it `slow`" in done.stdout
