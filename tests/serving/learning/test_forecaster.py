"""Continues the example's visitors, and is honest about how far it missed before."""

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.errors import UnfitData
from serving.learning.calendar import Step, moment, step_of
from serving.learning.series import Series, series_of
from serving.tables.columns import read_table
from tests.serving.learning.chains import DATA, served, told

HELD_BACK = 14
COLUMNS = {"time_column": "day", "value_column": "visitors"}


@pytest.fixture(scope="module")
def days() -> list[dict[str, str]]:
    with (DATA / "visitors.csv").open() as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> tuple[str, dict[str, Any]]:
    path.write_text("day,visitors\n" + "".join(f"{r['day']},{r['visitors']}\n" for r in rows))
    return ("table", {"path": str(path)})


@pytest.mark.slow
def test_days_it_has_not_seen_lie_in_its_intervals(
    tmp_path: Path, days: list[dict[str, str]]
) -> None:
    source = write(tmp_path / "visitors.csv", days[:-HELD_BACK])
    with served(tmp_path / "data", source, ("forecaster", COLUMNS)) as client:
        answer = client.post("/predict", json={"input": {}}).json()["output"]
        short = client.post("/predict", json={"input": {"horizon": 3}}).json()["output"]
        too_far = client.post("/predict", json={"input": {"horizon": 15}})
        card = client.get("/model").json()
    points, truth = answer["forecast"], days[-HELD_BACK:]
    assert [point["time"][:10] for point in points] == [row["day"] for row in truth]
    inside = [
        p["low"] <= int(r["visitors"]) <= p["high"] for p, r in zip(points, truth, strict=True)
    ]
    assert sum(inside) >= 11
    assert short["forecast"] == points[:3]
    assert "beyond 14 steps nothing was measured" in too_far.json()["error"]["message"]
    assert answer["backtest"]["mean_absolute_error"] == card["metrics"]["mean_absolute_error"]
    assert card["metrics"]["mean_absolute_error"] < card["baseline"]["mean_absolute_error"]
    assert 0.75 < card["metrics"]["interval_coverage"] <= 1
    assert card["notes"] == ["season of 7 steps"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda rows: rows[:10], "10 values are too few"),
        (
            lambda rows: [*rows[:50], *rows[51:]],
            "row 52: 2025-02-20T00:00:00 is due, not 2025-02-21",
        ),
        (lambda rows: [*rows[:50], rows[50] | {"visitors": ""}], "row 52: visitors is missing"),
        (lambda rows: [*rows[:50], rows[50] | {"day": "Feb 3"}], 'row 52: "Feb 3" is no date'),
        (lambda rows: rows[::-1], "the times must rise"),
    ],
)
def test_a_series_with_a_hole_is_told_by_row(
    tmp_path: Path, days: list[dict[str, str]], change: Any, says: str
) -> None:
    source = write(tmp_path / "visitors.csv", change(days[:80]))
    with served(tmp_path / "data", source, ("forecaster", COLUMNS)) as client:
        assert says in told(client)


@pytest.mark.parametrize(
    ("times", "third", "season"),
    [
        (["2026-01-01", "2026-01-02"], "2026-01-03", 7),
        (["2026-01-01T00:00", "2026-01-01T01:00"], "2026-01-01T02:00", 24),
        (["2026-01-05", "2026-01-12"], "2026-01-19", 52),
        (["2026-01-01", "2026-02-01"], "2026-03-01", 12),
        (["2025-10-01", "2026-01-01"], "2026-04-01", 4),
        (["2025-02-15", "2026-02-15"], "2027-02-15", 1),
        (["2026-01-31", "2026-03-02"], "2026-04-01", 1),
        (["2026-01-01T00:00", "2026-01-01T00:05"], "2026-01-01T00:10", 1),
        (["2026-01-01T00:00:00", "2026-01-01T00:01:30"], "2026-01-01T00:03:00", 1),
        (["2026-01-31", "2026-02-28"], "2026-03-31", 12),
        (["2026-02-28", "2026-03-31"], "2026-04-30", 12),
        (["2026-03-31", "2026-06-30"], "2026-09-30", 4),
        (["2026-01-15", "2026-03-15"], "2026-05-15", 6),
        (["2026-06-30", "2026-12-31"], "2027-06-30", 2),
        (["2024-02-29", "2025-02-28"], "2026-02-28", 1),
        (["2026-01-01", "2026-01-02", "2026-01-05"], "2026-01-05", 5),
    ],
)
def test_steps_and_seasons_are_found_from_the_dates(
    times: list[str], third: str, season: int
) -> None:
    parsed = [datetime.fromisoformat(time) for time in times]
    step = step_of(parsed)
    assert step.after(parsed[0], 2) == datetime.fromisoformat(third)
    assert step.season == season


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2012/01/01", datetime(2012, 1, 1)),
        ("2010/01/31 23:00", datetime(2010, 1, 31, 23)),
        ("2010/1/31 23:00:30", datetime(2010, 1, 31, 23, 0, 30)),
        ("Jan-1-1995", datetime(1995, 1, 1)),
        ("December 31, 2000", datetime(2000, 12, 31)),
        ("19580329", datetime(1958, 3, 29)),
        ("31.12.2020", datetime(2020, 12, 31)),
        ("1960Q4", datetime(1960, 10, 1)),
        ("1960-q1", datetime(1960, 1, 1)),
        ("2020-07", datetime(2020, 7, 1)),
        ("1700", datetime(1700, 1, 1)),
        ("2020-07-01T06:30", datetime(2020, 7, 1, 6, 30)),
    ],
)
def test_dates_in_their_usual_forms_are_read(text: str, time: datetime) -> None:
    assert moment(text) == time


def series(times: Sequence[str], dates: str = "t") -> Series:
    rows = "".join(f"{time},{at}\n" for at, time in enumerate(times))
    return series_of(read_table("a.csv", f"{dates},v\n{rows}".encode()), dates, "v")


def test_dates_that_look_like_numbers_are_dates() -> None:
    assert series(["19580301", "19580401", "19580501"]).time(3) == "1958-06-01T00:00:00"
    with pytest.raises(UnfitData, match='row 3: "19581341" is no date'):
        series(["19580329", "19581341", "19580529"])


def test_answers_stand_in_the_zone_of_the_file() -> None:
    days = ["2026-03-28T00:00+01:00", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"]
    assert series(days).time(3) == "2026-03-31T00:00:00+02:00"
    hours = ["2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00", "2026-03-29T04:00+02:00"]
    assert series(hours).time(3) == "2026-03-29T05:00:00+02:00"
    assert series(["2026-01-01T00Z", "2026-01-02T00Z"]).time(2) == "2026-01-03T00:00:00+00:00"
    autumn = ["2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00", "2026-10-27T00:00+01:00"]
    assert series(autumn).time(3) == "2026-10-28T00:00:00+01:00"
    twice = ["2026-10-25T01:00+02:00", "2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]
    assert series(twice).time(3) == "2026-10-25T03:00:00+01:00"
    with pytest.raises(UnfitData, match="others have none"):
        series(["2026-01-01T00:00", "2026-01-02T00:00+01:00"])


@given(
    start=st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(
        lambda t: t.replace(microsecond=0)
    ),
    step=st.one_of(
        st.builds(Step, seconds=st.integers(1, 90 * 86400)),
        st.builds(Step, months=st.integers(1, 24)),
    ),
    count=st.integers(3, 30),
)
def test_any_equal_steps_are_found_again(start: datetime, step: Step, count: int) -> None:
    times = [step.after(start, at) for at in range(count)]
    found = step_of(times)
    assert found.reaches(times) == count
