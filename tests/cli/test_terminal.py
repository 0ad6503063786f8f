"""At a terminal: questions are asked, steps are a list that moves, colours can be refused."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.terminal import console
from cli.terminal.progress import Lines
from tests.cli.conftest import KEY

STEP = {"id": "a", "title": "Apply", "seconds": 1.25, "detail": ""}


def at_terminal(answers: dict[str, str], *arguments: str, **environment: str) -> tuple[int, str]:
    """Runs `mlops` on a terminal and types each answer when its question is seen."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment},
        start_new_session=True,
    )
    os.close(slave)
    shown, waiting, deadline = "", dict(answers), time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([master], [], [], 0.1)[0]:
            try:
                shown += os.read(master, 65536).decode(errors="replace")
            except OSError:
                break
        for question in [question for question in waiting if question in shown]:
            os.write(master, f"{waiting.pop(question)}\n".encode())
    os.close(master)
    return process.wait(10), shown


@pytest.fixture
def gateway(gateway_url: str, home: Path) -> dict[str, str]:
    return {"MLOPS_GATEWAY_URL": gateway_url, "MLOPS_API_KEY": KEY}


def test_what_is_missing_is_asked_for(gateway: dict[str, str]) -> None:
    answers = {"documents (file or folder)": "/data", "Where shall it run": "local"}
    code, shown = at_terminal(answers, "deploy", "rag-chatbot", **gateway)
    assert code == 0, shown
    assert "✓" in shown
    assert "Configure host" in shown
    assert "is live in" in shown


def test_colours_can_be_refused(gateway: dict[str, str]) -> None:
    command = ("deploy", "rag-chatbot", "--target", "local", "--set", "documents=/data")
    code, shown = at_terminal({}, *command, NO_COLOR="1", **gateway)
    assert code == 0, shown
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", shown)
    _, coloured = at_terminal({}, *command, **gateway)
    assert re.search(r"\x1b\[[0-9;]*3[0-7]", coloured)


def test_yes_never_asks(gateway: dict[str, str]) -> None:
    code, shown = at_terminal({}, "deploy", "rag-chatbot", "--yes", **gateway)
    assert code == 1
    assert "documents is not given" in shown


def test_destroying_can_be_declined(gateway: dict[str, str], stack: object) -> None:
    deploy = ("deploy", "rag-chatbot", "--target", "local", "--set", "documents=/data", "--json")
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *deploy, "--no-wait"],
        env={**os.environ, **gateway},
        capture_output=True,
        text=True,
        check=True,
    )
    id = done.stdout.split('"id": "')[1].split('"')[0]
    code, shown = at_terminal({"Destroy it?": "n"}, "destroy", id, **gateway)
    assert code == 2
    assert "Nothing was destroyed." in shown


def test_a_pipe_gets_a_line_when_a_step_changes(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    for state in ("waiting", "running", "running", "done", "done"):
        lines.show({"id": "run", "steps": [{**STEP, "state": state}], "questions": []})
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert shown == [["running", "Apply"], ["done", "Apply", "1.2", "s"]]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, ""), (0.04, "0.0 s"), (59.94, "59.9 s"), (61.5, "1 min 01 s"), (3605, "60 min 05 s")],
)
def test_times_are_short(seconds: float | None, shown: str) -> None:
    assert console.seconds(seconds) == shown
