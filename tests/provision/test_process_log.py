"""What a process wrote is shown bounded, and never with a secret or an escape."""

from pathlib import Path

import pytest

from windmill.scripts.provision.errors import NoSuchProcess
from windmill.scripts.provision.health import Probe
from windmill.scripts.provision.process_log import MOST_ALTOGETHER, MOST_CHARACTERS, log_of, shown
from windmill.scripts.provision.reach import MOST_BYTES, last_lines

SECRET = "mk-0123456789"


def test_secrets_are_masked_the_longer_first() -> None:
    assert shown([f"key {SECRET}-long and {SECRET}"], [SECRET, f"{SECRET}-long"]) == [
        "key *** and ***"
    ]


def test_a_secret_is_masked_where_its_line_is_cut() -> None:
    (line,) = shown(["x" * (MOST_CHARACTERS - 4) + SECRET], [SECRET])
    assert "mk" not in line


def test_an_empty_or_tiny_secret_masks_nothing() -> None:
    assert shown(["plain"], ["", "a"]) == ["plain"]


@pytest.mark.parametrize("escape", ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\u202e", "\udc80"])
def test_nothing_written_there_moves_a_terminal(escape: str) -> None:
    (line,) = shown([f"a{escape}b"], [])
    assert line.isprintable()
    assert (line[0], line[-1]) == ("a", "b")


def test_of_too_much_the_newest_is_shown() -> None:
    lines = shown([f"{n:04}" + "x" * MOST_CHARACTERS for n in range(1000)], [])
    assert lines[-1].startswith("0999")
    assert 0 < sum(map(len, lines)) <= MOST_ALTOGETHER


def test_of_a_huge_log_only_the_end_is_read_and_only_whole_lines(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_bytes(b"x" * MOST_BYTES + SECRET.encode() + b"\nlast\n")
    assert last_lines(log, 10) == ["last"]
    log.write_bytes(b"a\n\xff\nc\n")
    assert last_lines(log, 2) == ["\N{REPLACEMENT CHARACTER}", "c"]


@pytest.mark.parametrize("process", ["litellm", "../../etc/passwd", ""])
def test_a_process_that_it_does_not_run_is_told_with_those_it_runs(process: str) -> None:
    probes = [Probe("api", "http://127.0.0.1:1/health", Path("/there/logs/api.log"))]
    assert log_of(probes, "api", "desk") == Path("/there/logs/api.log")
    with pytest.raises(NoSuchProcess, match="it runs api"):
        log_of(probes, process, "desk")
