"""Where every value comes from: cases in explain_cases.yaml, and agreement with what is priced."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.main import run
from windmill.scripts.model.base.errors import NothingThere
from windmill.scripts.model.catalog.catalog import Catalog, read_catalog
from windmill.scripts.model.show.explain import Origin, explain

TABLE = yaml.safe_load((Path(__file__).parent / "explain_cases.yaml").read_text())
DESK = "meta-pipelines/desk"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explained") / "catalog"
    for name, text in TABLE["files"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def catalog(root: Path) -> Catalog:
    found, problems = read_catalog(root)
    assert not problems
    return found


def told(origin: Origin) -> str:
    return f"{origin.how} {Path(origin.file).stem}:{origin.line} {origin.field}"


@pytest.mark.parametrize("case", TABLE["cases"], ids=[case["at"] for case in TABLE["cases"]])
def test_a_value_is_told_with_every_place_that_had_a_say(
    catalog: Catalog, case: dict[str, Any]
) -> None:
    (value,) = explain(catalog, DESK, case["at"])
    assert value.value == case["value"]
    assert value.known == case.get("known", True)
    assert [told(origin) for origin in value.chain] == case["chain"]


def test_a_step_is_explained_with_all_below_it(catalog: Catalog) -> None:
    everything = explain(catalog, DESK)
    below = explain(catalog, DESK, "eu")
    assert below == [value for value in everything if value.level.split("/")[0] == "eu"]
    assert {value.level for value in below} == {"eu", "eu/chat", "eu/fixed", "eu/there"}


def test_what_is_not_there_is_answered_with_the_nearest(catalog: Catalog) -> None:
    with pytest.raises(NothingThere, match=r"'eu/chat/topk'.\n    Did you mean 'inputs.top_k'\?"):
        explain(catalog, DESK, "eu/chat/topk")
    with pytest.raises(NothingThere, match="Did you mean 'first'"):
        explain(catalog, DESK, "frist/top_k")


def test_the_chain_is_shown_as_text_and_as_data(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "cli.commands.catalog.explain.sound", lambda folder: read_catalog(folder)[0]
    )
    assert run(["catalog", "explain", "desk", "eu/chat/top_k", "--dir", str(root)]) == 0
    text = capsys.readouterr().out
    assert "top_k  9" in text
    assert "default (catalog/pipelines/chat.yaml:5" not in text
    assert "overridden (catalog/pipelines/chat.yaml:5:35)  inputs.top_k.default  3" in text
    assert run(["catalog", "explain", "desk", "eu.target", "--dir", str(root), "--json"]) == 0
    (value,) = json.loads(capsys.readouterr().out)["values"]
    assert (value["value"], value["origin"], value["chain"][0]["line"]) == ("runpod", "set", 15)
    assert run(["catalog", "explain", "desk", "eu.targt", "--dir", str(root)]) == 1
    error = capsys.readouterr().err
    assert error.count("Did you mean 'target'?") == 1
