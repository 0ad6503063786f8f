"""Learns the example's readings, whose faults are known."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.learning.scores import never_better
from tests.serving.learning.chains import DATA, served, told
from tests.serving.support import samples

pytestmark = pytest.mark.slow

READINGS = ("table", {"path": str(DATA / "readings.csv")})
USUAL = {"temperature": 60, "pressure": 4.0, "current": 11}
FAULT = {"temperature": 92, "pressure": 4.0, "current": 17}


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    model = ("anomaly-detector", {"ignore": ["minute"], "known_column": "fault"})
    with served(tmp_path_factory.mktemp("watch"), READINGS, model) as client:
        yield client


def counted(client: httpx.Client, label: str) -> float:
    found = samples(client, "predictions_total")
    return sum(value for labels, value in found.items() if f'label="{label}"' in labels)


def test_an_unusual_row_scores_higher_and_is_marked(watch: httpx.Client) -> None:
    usual, fault = watch.post("/batch", json={"inputs": [USUAL, FAULT]}).json()["outputs"]
    assert (usual["anomaly"], fault["anomaly"]) == (False, True)
    assert usual["score"] < usual["threshold"] == fault["threshold"] < fault["score"] < 1
    assert fault["warnings"][0].startswith("temperature: 92 lies outside")


def test_each_anomaly_is_counted_from_zero_on(watch: httpx.Client) -> None:
    """An alert needs the zero: Prometheus sees no increase in what begins with one."""
    found = samples(watch, "predictions_total")
    assert any('label="anomaly"' in labels for labels in found)
    before = counted(watch, "anomaly"), counted(watch, "normal")
    watch.post("/batch", json={"inputs": [USUAL, FAULT, USUAL]})
    after = counted(watch, "anomaly"), counted(watch, "normal")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 2)


def test_the_card_measures_against_what_is_known(watch: httpx.Client) -> None:
    card = watch.get("/model").json()
    assert card["metrics"]["recall"] > 0.8
    assert card["metrics"]["roc_auc"] > 0.95
    assert 0 < card["metrics"]["flagged_share"] < 0.06
    assert [feature["name"] for feature in card["features"]] == list(USUAL)


def test_the_card_tells_what_was_set_and_what_could_not_be_measured(tmp_path: Path) -> None:
    rows = "".join(f"{at % 7},{at * 3 % 11},no\n" for at in range(40))
    (tmp_path / "a.csv").write_text(f"x,y,fault\n{rows}")
    source = ("table", {"path": str(tmp_path / "a.csv")})
    model = ("anomaly-detector", {"known_column": "fault"})
    with served(tmp_path / "data", source, model) as client:
        card = client.get("/model").json()
    assert "that 2.0% of the rows are unusual is set and not measured" in card["notes"]
    assert card["notes"][-1].startswith("fault tells of no row, or of all,")
    assert card["metrics"].keys() == {"flagged_share"}


@pytest.mark.parametrize(
    ("measured", "told"), [(0.99996, 0.9999), (1, 1.0), (0.5, 0.5), (0.1235999, 0.1235), (0.3, 0.3)]
)
def test_a_figure_is_never_better_than_what_was_measured(measured: float, told: float) -> None:
    assert never_better(measured) == told


def test_a_whole_file_is_scored(watch: httpx.Client) -> None:
    text = watch.post("/batch/csv", content=(DATA / "readings.csv").read_bytes()).text
    lines = text.splitlines()
    assert "predicted_anomaly" in lines[0]
    assert sum(line.count(",True,") for line in lines) == pytest.approx(8, abs=3)


@pytest.mark.parametrize(
    ("rows", "config", "says"),
    [
        (5, {}, "5 rows are too few to tell what is usual"),
        (40, {"ignore": ["y"]}, 'a.csv has no column "y"'),
        (40, {"ignore": ["x"]}, "no column can be used"),
    ],
)
def test_data_that_does_not_do_is_told(
    tmp_path: Path, rows: int, config: dict[str, Any], says: str
) -> None:
    (tmp_path / "a.csv").write_text("x\n" + "".join(f"{at}\n" for at in range(rows)))
    source = ("table", {"path": str(tmp_path / "a.csv")})
    with served(tmp_path / "data", source, ("anomaly-detector", config)) as client:
        assert says in told(client)
