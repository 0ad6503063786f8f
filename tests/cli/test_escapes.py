"""Text of others is shown, never obeyed: no answer, log or name commands the terminal."""

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import sync.__main__ as sync_main
from cli.errors import Refused
from cli.terminal import console, failures
from cli.terminal.progress import Live
from windmill.scripts.model.show.printable import printable, printable_in_colour

CASES = yaml.safe_load(Path(__file__).with_name("terminal_escapes.yaml").read_text("utf-8"))
TABLE = pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
OWN_STYLES = re.compile(r"\x1b\[[0-9]+m")


@TABLE
@pytest.mark.parametrize("say", [console.say, console.note, console.write])
def test_every_way_to_speak_shows_it(
    case: dict[str, str], say: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    say(case["text"])
    told = capsys.readouterr()
    assert (told.out or told.err).removesuffix("\n") == case["shown"]


@TABLE
def test_json_shows_it_and_keeps_it(
    case: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    console.say_json({"answer": case["text"]})
    told = capsys.readouterr().out
    assert not CONTROL.search(told)
    assert json.loads(told) == {"answer": case["text"]}


def test_half_a_character_is_shown_too(capsys: pytest.CaptureFixture[str]) -> None:
    console.say("a\ud800b")
    assert capsys.readouterr().out == "a\\ud800b\n"


@given(st.text())
def test_our_own_colours_are_all_that_is_left(text: str) -> None:
    own = click.style("ok", fg="green", bold=True, dim=True)
    assert printable_in_colour(own) == own
    assert CONTROL.sub("", printable(text)) == printable(text)
    assert not CONTROL.search(OWN_STYLES.sub("", printable_in_colour(own + text)))


def test_a_colour_cannot_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "colourful", lambda: True)
    assert console._shown("\x1b[8mhidden") == "\\u001b[8mhidden"
    assert console._shown(console.bold("x")) == "\x1b[1mx\x1b[0m"


def test_errors_show_it(capsys: pytest.CaptureFixture[str]) -> None:
    failures.report(Refused(message="\x1b]52;c;eA==\x07"), as_json=False)
    sync_main._print_error(Refused(message="\x1b[2J"), as_json=False)
    sync_main._print(["write f/\x1b[2J"], as_json=False)
    told = capsys.readouterr()
    assert not CONTROL.search(told.err + told.out)
    assert "\\u001b]52" in told.err


def test_the_live_list_shows_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    step = {"title": "\x1b]0;a\x07", "state": "done", "seconds": 1.0, "detail": "\x9b2J"}
    question = {"asks": "approval", "step": "\x1b[2J", "message": "\x1b[H"}
    with Live() as live:
        live.show({"id": "x", "steps": [{"id": "a", **step}], "questions": [question]})
    told = capsys.readouterr().out
    assert "\\u001b]0;a\\u0007" in told
    assert "\\u009b2J" in told
    assert not CONTROL.search(told)
