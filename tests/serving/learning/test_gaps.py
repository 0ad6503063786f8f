"""A series with holes and doubles is refused with the choice there is, and evened as chosen."""

from typing import Any

import pytest

from serving.errors import UnfitData
from serving.learning.series import Evening, Series, series_of
from serving.tables.columns import read_table

FILL = Evening(gaps="fill")


def series(rows: list[str], evening: Evening = FILL) -> Series:
    table = read_table("a.csv", "\n".join(["t,v", *rows]).encode())
    return series_of(table, "t", "v", evening)


@pytest.mark.parametrize(
    ("rows", "values", "last"),
    [
        pytest.param(
            ["2026-01-05,1", "2026-01-06,2", "2026-01-09,5"], [1, 2, 3, 4, 5], "2026-01-09", id="d"
        ),
        pytest.param(
            ["2026-01-01,1", "2026-01-03,3", "2026-01-04,4"], [1, 2, 3, 4], "2026-01-04", id="first"
        ),
        pytest.param(
            ["2026-01-31,1", "2026-02-28,2", "2026-04-30,4"], [1, 2, 3, 4], "2026-04-30", id="ends"
        ),
        pytest.param(
            ["2026-01-01,1", "2026-02-01,2", "2026-05-01,5"], [1, 2, 3, 4, 5], "2026-05-01",
            id="months",
        ),
        pytest.param(
            ["2026-01-01,1", "2026-01-02,2", "2026-01-06,4", "2026-01-07,5"], [1, 2, 3, 4, 5],
            "2026-01-07", id="business days",
        ),
        pytest.param(
            ["2026-01-01,1", "2026-01-02,", "2026-01-03,3"], [1, 2, 3], "2026-01-03",
            id="a missing value",
        ),
        pytest.param(
            ["2026-01-04,", "2026-01-05,1", "2026-01-06,", "2026-01-07,3", "2026-01-08,"],
            [1, 2, 3], "2026-01-07", id="from the first value to the last",
        ),
    ],
)  # fmt: skip
def test_missing_steps_are_those_of_the_calendar(
    rows: list[str], values: list[float], last: str
) -> None:
    found = series(rows)
    assert list(found.values) == values
    assert found.time(len(values) - 1).startswith(last)
    missing = len(values) - sum(not row.endswith(",") for row in rows)
    assert found.notes[0].startswith(f"filled: {missing} missing step")
    assert found.rows + sum(left.count for left in found.left_out) == len(rows)


def test_hours_are_filled_over_the_end_of_summer_time() -> None:
    offsets = ["00:00+02:00", "02:00+02:00", "02:00+01:00", "04:00+01:00"]
    found = series([f"2026-10-25T{at},{n}" for n, at in enumerate(offsets)])
    assert len(found.values) == 6
    assert found.time(5) == "2026-10-25T04:00:00+01:00"


DOUBLES = ["2026-01-01,1", "2026-01-02,2", "2026-01-02,6", "2026-01-03,3"]


@pytest.mark.parametrize(("how", "value"), [("mean", 4), ("sum", 8)])
def test_rows_of_one_time_are_put_together_as_chosen(how: Any, value: float) -> None:
    found = series(DOUBLES, Evening(duplicates=how))
    assert found.values == (1, value, 3)
    assert found.notes == (f"1 row with the time of another; the {how} of such counts",)
    assert found.rows == 4


@pytest.mark.parametrize(
    ("rows", "evening", "says", "fix"),
    [
        (DOUBLES, FILL, "rows 3 and 4 have the same time, 2026-01-02", "`duplicates` to mean"),
        (["2026-01-01,1", "2026-01-02,2", "2026-01-04,4"], Evening(),
         "row 4: 2026-01-03T00:00:00 is due", "`gaps` to fill"),
        (["2026-01-01,1", "2026-01-02,2", "2027-01-01,4"], FILL, "no equal step meets", ""),
        (["2026-01-02,1", "2026-01-01,2", "2026-01-03,4"], FILL, "no equal step meets", ""),
    ],
)  # fmt: skip
def test_what_nobody_chose_is_refused_with_the_choice(
    rows: list[str], evening: Evening, says: str, fix: str
) -> None:
    with pytest.raises(UnfitData, match=says) as caught:
        series(rows, evening)
    assert fix in caught.value.fix
