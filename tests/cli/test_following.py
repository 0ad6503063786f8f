"""Following a process' log: each line once, whatever was written between two looks."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.actions.following import followed, unseen


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 20))
def test_every_line_that_is_still_there_is_told_once(seen: int, grown: int, window: int) -> None:
    log = [f"line {number}." for number in range(seen + grown)]
    before = log[max(0, seen - window) : seen]
    after = log[max(0, len(log) - window) :]
    assert list(unseen(before, after)) == log[max(seen, len(log) - window) :]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (["a", "b"], ["a", "b"], []),
        (["a", "half a l"], ["a", "half a line", "b"], ["half a line", "b"]),
        (["a", "b"], ["begun anew"], ["begun anew"]),
        (["a", "b"], [], []),
        ([], ["a"], ["a"]),
    ],
)
def test_what_is_new(before: list[str], after: list[str], told: list[str]) -> None:
    assert list(unseen(before, after)) == told


def test_it_begins_with_the_last_lines_and_goes_on() -> None:
    ends = iter([["a", "b", "c"], ["a", "b", "c"], ["b", "c", "d"]])
    assert list(islice(followed(lambda: next(ends), 2, pause=0), 3)) == ["b", "c", "d"]
