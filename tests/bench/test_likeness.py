"""The bench's own figures, beside their definitions."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.likeness import characters_wrong, edits, hit, mean_reciprocal_rank, words_found

short = st.text(alphabet="abé漢", max_size=9)


@given(short, short)
def test_edits_are_levenshteins_distance(left: str, right: str) -> None:
    @cache
    def distance(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        same = left[i - 1] == right[j - 1]
        return min(
            distance(i - 1, j) + 1, distance(i, j - 1) + 1, distance(i - 1, j - 1) + (not same)
        )

    assert edits(left, right) == distance(len(left), len(right))


@pytest.mark.parametrize(
    ("ours", "theirs", "share"),
    [("a b", "A  b\n", 1), ("a", "a a", 0.5), ("ab", "a b", 0), ("", "", 0), ("ﬁne x", "fine", 1)],
)
def test_words_are_found_as_often_as_they_stand_there(ours: str, theirs: str, share: float) -> None:
    assert words_found(ours, theirs) == share


def test_white_space_is_no_wrong_character() -> None:
    assert characters_wrong("a  b\nc", "a b d") == (1, 5)


def test_ranks_give_the_share_of_hits_and_the_mean_reciprocal() -> None:
    assert hit([1, 3, 4, None], 3) == 0.5
    assert mean_reciprocal_rank([1, 2, None]) == 0.5
