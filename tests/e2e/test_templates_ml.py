"""The classic-ML templates: deployed for real from the examples, asked, destroyed."""

import base64
import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.harness import EXAMPLES, Platform
from tests.tools.flac import silent_flac

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("second platform"),
]
DATA = EXAMPLES.parent / "data"
WANTED: dict[str, dict[str, str | Path]] = {
    "text-classifier": {"data": DATA / "tickets.csv"},
    "tabular-prediction": {
        "data": DATA / "machines.csv", "target_column": "failed",
        "ignore": '["machine", "repair_cost"]',
    },
    "anomaly-detection": {
        "data": DATA / "readings.csv", "ignore": '["minute"]', "known_column": "fault",
    },
    "forecast": {
        "data": DATA / "visitors.csv", "time_column": "day", "value_column": "visitors",
    },
    "image-classifier": {"images": DATA / "shapes"},
    "speech-to-text": {},
}  # fmt: skip


@dataclass
class Templates:
    platform: Platform
    live: dict[str, dict[str, Any]]

    def api(self, template: str) -> httpx.Client:
        return self.platform.api(template)

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


def test_an_anomaly_is_marked_and_counted_for_the_alert(templates: Templates) -> None:
    reading = {"temperature": 92, "pressure": 4, "current": 17}
    assert templates.predicted("anomaly-detection", reading)["anomaly"] is True
    with templates.api("anomaly-detection") as api:
        lines = api.get("/metrics").text.splitlines()
    counted = [line for line in lines if line.startswith("predictions_total")]
    assert any('label="anomaly"' in line and line.endswith(" 1.0") for line in counted)
    assert any('label="normal"' in line and line.endswith(" 0.0") for line in counted)


def test_all_are_asked_from_the_command_line(templates: Templates, tmp_path: Path) -> None:
    run, out = templates.platform.json, tmp_path / "out.csv"
    machines = ("--file", str(DATA / "machines.csv"), "--out", str(out))
    assert run("predict", "tabular-prediction", *machines)["rows"] == 300
    assert "predicted_label" in out.read_text("utf-8").splitlines()[0]
    hot = ("--row", "temperature=92", "pressure=4", "current=17")
    assert run("predict", "anomaly-detection", *hot)[0]["anomaly"] is True
    billed = run("ask", "text-classifier", "You charged my card twice")
    assert billed["output"]["label"] == "billing"
    assert len(run("ask", "forecast", "--horizon", "7")["output"]["forecast"]) == 7
    picture = DATA / "shapes" / "triangle" / "03.png"
    seen = run("ask", "image-classifier", "--file", str(picture))
    assert seen["output"]["label"] == "triangle"
    said = run("ask", "speech-to-text", "--file", str(DATA / "window.ogg"))
    assert said["output"]["text"] == "Please open the window and close the door."


def test_a_series_is_continued_with_intervals(templates: Templates) -> None:
    output = templates.predicted("forecast", {"horizon": 7})
    assert len(output["forecast"]) == 7
    first = output["forecast"][0]
    assert first["time"].startswith("2026-02-25")
    assert first["low"] < first["value"] < first["high"]
    assert 0 < output["backtest"]["mean_absolute_error"] < 150


def test_a_picture_is_recognised(templates: Templates) -> None:
    picture = (DATA / "shapes" / "triangle" / "03.png").read_bytes()
    given = {"image": base64.b64encode(picture).decode()}
    assert templates.predicted("image-classifier", given)["label"] == "triangle"


def test_speech_is_written_down(templates: Templates) -> None:
    recording = (DATA / "window.ogg").read_bytes()
    output = templates.predicted("speech-to-text", {"audio": base64.b64encode(recording).decode()})
    assert output["text"] == "Please open the window and close the door."
    assert output["segments"][0]["start"] == 0
    assert 2 < output["seconds"] < 5
    silence = base64.b64encode(silent_flac(blocks=10, rate=16_000)).decode()
    assert templates.predicted("speech-to-text", {"audio": silence})["text"] == ""
    with templates.api("speech-to-text") as api:
        answer = api.post("/predict", json={"input": {"audio": "bm8gc291bmQ="}})
    assert answer.status_code == 422
    assert "no sound can be read" in answer.json()["error"]["message"]


@pytest.mark.parametrize("template", [name for name in WANTED if name != "speech-to-text"])
def test_a_model_card_tells_how_good_it_is(templates: Templates, template: str) -> None:
    with templates.api(template) as api:
        card = api.get("/model").json()
    assert card["rows"] >= 48
    assert card["measured_by"]
    assert card["metrics"].keys() >= card["baseline"].keys() > set()


def test_no_template_needs_a_model_server(templates: Templates) -> None:
    for one in templates.live.values():
        assert set(one["urls"]) >= {"docs", "health", "metrics"}
        assert "litellm" not in one["urls"]
