"""The classic-ML templates: deployed for real from the examples, asked, destroyed."""

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.harness import EXAMPLES, Platform

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("platform")]
DATA = EXAMPLES.parent / "data"
WANTED = {
    "text-classifier": {"data": DATA / "tickets.csv"},
    "tabular-prediction": {
        "data": DATA / "machines.csv", "target_column": "failed",
        "ignore": '["machine", "repair_cost"]',
    },
}  # fmt: skip


@dataclass
class Templates:
    platform: Platform
    live: dict[str, dict[str, Any]]

    def api(self, template: str) -> httpx.Client:
        return httpx.Client(base_url=self.live[template]["endpoint_url"], timeout=60)

    def predicted(self, template: str, given: Any) -> dict[str, Any]:
        with self.api(template) as api:
            answer = api.post("/predict", json={"input": given})
            assert answer.status_code == 200, answer.text
            output: dict[str, Any] = answer.json()["output"]
            return output


def deploy(platform: Platform, template: str) -> dict[str, Any]:
    given = [f"--set={name}={value}" for name, value in WANTED[template].items()]
    result: dict[str, Any] = platform.json("deploy", template, "--target", "local", *given)
    return result


@pytest.fixture(scope="module")
def templates(platform: Platform) -> Iterator[Templates]:
    """Two at a time: each is small, and the machine too."""
    with ThreadPoolExecutor(2) as pool:
        live = dict(zip(WANTED, pool.map(lambda name: deploy(platform, name), WANTED), strict=True))
        yield Templates(platform, live)
        ids = [one["deployment_id"] for one in live.values()]
        list(pool.map(lambda id: platform.run("destroy", id, "--yes"), ids))
    for id in ids:
        assert not platform.processes_of(id)
        assert not platform.deployment_folder(id).exists()


def test_texts_are_sorted_by_what_they_are_about(templates: Templates) -> None:
    output = templates.predicted("text-classifier", "You charged my card twice")
    assert output["label"] == "billing"
    assert output["probabilities"]["billing"] > output["probabilities"]["delivery"]


def test_a_row_and_a_whole_file_are_predicted(templates: Templates) -> None:
    row = {"make": "Corvo", "site": "north", "age_months": 115, "temperature": None}
    assert templates.predicted("tabular-prediction", row)["label"] == "yes"
    with templates.api("tabular-prediction") as api:
        scored = api.post("/batch/csv", content=(DATA / "machines.csv").read_bytes()).text
    rows = list(csv.DictReader(io.StringIO(scored)))
    assert sum(row["predicted_label"] == row["failed"] for row in rows) > 260


@pytest.mark.parametrize("template", ["text-classifier", "tabular-prediction"])
def test_a_model_card_tells_how_good_it_is(templates: Templates, template: str) -> None:
    with templates.api(template) as api:
        card = api.get("/model").json()
    assert card["rows"] > 50
    assert max(card["metrics"].values()) > max(card["baseline"].values())


def test_no_template_needs_a_model_server(templates: Templates) -> None:
    for one in templates.live.values():
        assert set(one["urls"]) >= {"docs", "health", "metrics"}
        assert "litellm" not in one["urls"]
