"""`mlops catalog cost` as a person types it."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from cli.main import run
from sync.api import desired

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "catalog"
DESK = """kind: meta-pipeline
name: desk
inputs:
  documents: {type: string, required: true}
  regions: {type: array}
budget: {max_hourly_usd: 2}
steps:
  - {id: chat, use: pipelines/rag-chatbot, with: {documents: '${inputs.documents}'}}
  - {id: all, use: pipelines/rag-chatbot, for_each: '${inputs.regions}', with: {documents: x}}
"""


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "catalog"
    for part in ("components", "pipelines", "playbooks", "prices"):
        shutil.copytree(SHIPPED / part, folder / part)
    (folder / "meta-pipelines").mkdir()
    (folder / "meta-pipelines" / "desk.yaml").write_text(DESK)
    monkeypatch.chdir(tmp_path)
    return folder


def test_an_entry_over_its_budget_is_refused_and_the_place_is_named(
    catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["catalog", "cost", "desk", "--target", "runpod", "--set", 'regions=["a"]']) == 2
    told = capsys.readouterr().out
    assert "desk costs 2.38 USD an hour, 0.38 more than the 2.00 it may" in told
    assert "catalog/meta-pipelines/desk.yaml:6:26 budget.max_hourly_usd" in told
    assert "catalog/prices/2026-11-09.yaml" in told
    assert " days old" in told


def test_one_target_within_the_budget_is_enough(
    catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["catalog", "cost", "desk", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    within = {name: tree["within"] for name, tree in found["targets"].items()}
    assert within["local"]
    assert not within["vastai"]
    assert run(["catalog", "cost", "desk", "--offers"]) == 0
    told = capsys.readouterr().out
    assert "├─ chat" in told
    assert "└─ all" in told
    assert "1.19 × n" in told
    assert "2026-11-09 (" in told


def test_what_cannot_be_priced_is_said(catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (prices,) = (catalog / "prices").iterdir()
    listed = prices.read_text().splitlines(keepends=True)
    prices.write_text("".join(line for line in listed if "target: exoscale" not in line))
    assert run(["catalog", "cost", "desk", "--target", "exoscale"]) == 2
    assert "no known price on exoscale fits" in capsys.readouterr().out
    shutil.rmtree(catalog / "prices")
    assert run(["catalog", "cost", "desk"]) == 1
    assert "There is no price file in catalog/prices." in capsys.readouterr().err


def test_the_newest_price_file_travels_as_a_resource() -> None:
    newest = max((SHIPPED / "prices").glob("*.yaml"))
    item = next(item for item in desired(ROOT) if item.path == "f/mlops/assets/prices")
    assert item.body["value"] == yaml.safe_load(newest.read_text())
