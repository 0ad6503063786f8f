"""Learns a class and a number from the example's machines."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.components.model import tabular_model
from tests.serving.learning.chains import DATA, served, told
from tests.serving.support import samples

pytestmark = pytest.mark.slow

MACHINES = ("table", {"path": str(DATA / "machines.csv")})
OLD = {"make": "Corvo", "site": "north", "age_months": 115, "temperature": 70}
NEW = {"make": "Alba", "site": "south", "age_months": 3, "temperature": 50}


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    model = ("tabular-model", {"target": "failed", "ignore": ["repair_cost"]})
    with served(tmp_path_factory.mktemp("failing"), MACHINES, model) as client:
        yield client


@pytest.fixture(scope="module")
def costing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    model = ("tabular-model", {"target": "repair_cost", "ignore": ["failed"]})
    with served(tmp_path_factory.mktemp("costing"), MACHINES, model) as client:
        yield client


def one(client: httpx.Client, row: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/predict", json={"input": row})
    assert answer.status_code == 200, answer.text
    output: dict[str, Any] = answer.json()["output"]
    return output


def test_a_class_is_predicted_with_its_probability(failing: httpx.Client) -> None:
    assert one(failing, OLD)["label"] == "yes"
    assert one(failing, OLD)["probabilities"]["yes"] > 0.9
    assert one(failing, NEW)["label"] == "no"


def test_a_number_is_predicted_with_an_interval(costing: httpx.Client) -> None:
    output = one(costing, OLD)
    low, high = output["interval"]
    assert low < output["value"] < high
    assert output["value"] > one(costing, NEW)["value"] + 300


def test_nine_in_ten_true_numbers_lie_in_the_interval(costing: httpx.Client) -> None:
    scored = costing.post("/batch/csv", content=(DATA / "machines.csv").read_bytes()).text
    rows = list(csv.DictReader(io.StringIO(scored)))
    spans = [[float(end) for end in row["predicted_interval"].split("; ")] for row in rows]
    true = [float(row["repair_cost"]) for row in rows]
    inside = sum(low <= value <= high for (low, high), value in zip(spans, true, strict=True))
    assert 0.85 < inside / len(rows) < 0.97


def test_the_card_tells_features_metrics_and_what_was_left_out(failing: httpx.Client) -> None:
    card = failing.get("/model").json()
    assert [feature["name"] for feature in card["features"]] == list(OLD)
    assert card["features"][0]["categories"] == ["Alba", "Borea", "Corvo"]
    assert card["features"][3]["missing"] == 11
    assert card["metrics"]["accuracy"] > card["baseline"]["accuracy"] + 0.2
    assert card["notes"] == ["machine is left out: 300 different texts are no categories"]


def test_missing_values_unseen_categories_and_strange_numbers_are_handled_and_told(
    failing: httpx.Client,
) -> None:
    before = sum(samples(failing, "unfamiliar_inputs_total").values())
    assert one(failing, OLD | {"temperature": None})["warnings"] == []
    warnings = one(failing, OLD | {"make": "Delta", "age_months": "300"})["warnings"]
    assert warnings[0] == 'make: "Delta" was never seen in training'
    assert warnings[1].startswith("age_months: 300 lies outside 1")
    assert sum(samples(failing, "unfamiliar_inputs_total").values()) == before + 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"make": "Alba", "colour": "red"}, "columns site, age_months, temperature are missing"),
        (OLD | {"colour": "red"}, "the columns colour are unknown"),
        (OLD | {"age_months": "old"}, 'age_months: "old" is not a number'),
        (OLD | {"age_months": True}, 'age_months: "true" is not a number'),
        (OLD | {"make": ["Alba"]}, "make is neither text nor a number"),
        ("Alba", "is not an object of columns and values"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_name(
    failing: httpx.Client, given: object, says: str
) -> None:
    answer = failing.post("/batch", json={"inputs": [OLD, given]})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith("Input 2: ")
    assert says in answer.json()["error"]["message"]


def test_a_whole_file_is_scored_and_its_other_columns_passed_on(failing: httpx.Client) -> None:
    answer = failing.post("/batch/csv", content=(DATA / "machines.csv").read_bytes())
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert (len(rows), rows[-1]["machine"]) == (300, "M300")
    right = sum(row["predicted_label"] == row["failed"] for row in rows)
    assert right > 260
    assert sum(samples(failing, "predictions_total").values()) >= 300


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("make,site,age_months\nAlba,north,1\n", 'The file has no column "temperature"'),
        ("make,site,age_months,temperature\nAlba,north,1,9\nAlba,north,x,9\n", "Row 3: age_mon"),
        ("make,site,age_months,temperature\nAlba,north\n", "row 2 has 2 values"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_row(
    failing: httpx.Client, text: str, says: str
) -> None:
    answer = failing.post("/batch/csv", content=text)
    assert answer.status_code == 422
    assert says in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"target": "broken"}, 'machines.csv has no column "broken"'),
        ({"target": "failed", "ignore": ["x"]}, 'machines.csv has no column "x"'),
        ({"target": "make", "task": "regression"}, 'make holds "Alba", which is not a number'),
    ],
)
def test_a_target_that_cannot_be_learnt_is_told(
    tmp_path: Path, config: dict[str, Any], says: str
) -> None:
    with served(tmp_path, MACHINES, ("tabular-model", config)) as client:
        assert says in told(client)


def test_a_restart_with_the_same_data_does_not_train_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "a.csv"
    data.write_text("x,y\n" + "".join(f"{at},{at * 3}\n" for at in range(20)))
    trained: list[int] = []
    learnt = tabular_model.TableLearning.learnt

    def counted(learning: tabular_model.TableLearning) -> Any:
        trained.append(1)
        return learnt(learning)

    monkeypatch.setattr(tabular_model.TableLearning, "learnt", counted)

    def value_at_30() -> float:
        nodes = ("table", {"path": str(data)}), ("tabular-model", {"target": "y"})
        with served(tmp_path / "data", *nodes) as client:
            return float(one(client, {"x": 30})["value"])

    first = value_at_30()
    assert value_at_30() == first == pytest.approx(90, abs=5)
    assert len(trained) == 1
    data.write_text(data.read_text() + "21,63\n")
    value_at_30()
    assert len(trained) == 2
    for kept in (tmp_path / "data").rglob("*.pickle"):
        kept.write_bytes(b"damaged")
    value_at_30()
    assert len(trained) == 3
