"""How lists and counts are said in messages."""

import pytest

from serving.problems import counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 addresses"), (1, "1 address"), (2, "2 addresses")]
)
def test_one_thing_is_not_said_as_many(number: int, said: str) -> None:
    assert counted(number, "address", "addresses") == said


def test_many_end_in_an_s_where_nothing_else_is_told() -> None:
    assert (counted(1, "row"), counted(2, "row")) == ("1 row", "2 rows")
