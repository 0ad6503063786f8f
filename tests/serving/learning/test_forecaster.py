"""Continues the example's visitors, and is honest about how far it missed before."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from serving.learning.calendar import step_of
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
    ],
)
def test_steps_and_seasons_are_found_from_the_dates(
    times: list[str], third: str, season: int
) -> None:
    parsed = [datetime.fromisoformat(time) for time in times]
    step = step_of(parsed)
    assert step.after(parsed[0], 2) == datetime.fromisoformat(third)
    assert step.season == season
