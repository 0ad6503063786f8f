"""From `--set` to the inputs that are sent."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.actions.deploying import complete, parse_settings
from cli.errors import BadOption, MissingInput
from windmill.scripts.model.base.short_form import shorten

CASES = yaml.safe_load(Path(__file__).with_name("settings.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join([*case["set"], case["type"]]))
def test_values_take_the_declared_type(case: dict[str, Any]) -> None:
    declared = {"top_k": {"type": case["type"]}}
    if "bad" in case:
        with pytest.raises(BadOption) as refused:
            parse_settings(case["set"], declared)
        assert case["bad"] in str(refused.value)
    else:
        assert parse_settings(case["set"], declared) == {"top_k": case["sent"]}


def test_paths_of_here_are_sent_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    declared = {"documents": {"type": "string"}}
    for written in ("docs", "./docs", "../" + tmp_path.name + "/docs"):
        sent = parse_settings([f"documents={written}"], declared)
        assert sent == {"documents": str(tmp_path / "docs")}


def test_what_is_no_path_stays_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "local").mkdir()
    declared = {"place": {"type": "string", "enum": ["local"]}}
    assert parse_settings(["place=local"], declared) == {"place": "local"}
    assert parse_settings(["place=https://x.example/docs"], {}) == {
        "place": "https://x.example/docs"
    }
    assert parse_settings(["place=missing"], {}) == {"place": "missing"}


def test_missing_inputs_are_named_with_their_flags() -> None:
    properties = {"documents": {"description": "a folder"}, "top_k": {"default": 3}}
    required = ["documents", "top_k", "language", "target"]
    empty: dict[str, Any] = {"language": {}, "target": {}, "greeting": {}}
    declared = shorten({"properties": {**properties, **empty}, "required": required})
    with pytest.raises(MissingInput) as refused:
        complete(declared, {}, may_ask=False)
    assert refused.value.message == "documents, language are not given."
    assert refused.value.where == "documents: a folder; language: a value"
    assert refused.value.fix == "Add --set documents=… --set language=…"
    assert complete(declared, {"documents": "x", "language": "fr"}, may_ask=False) == {
        "documents": "x",
        "language": "fr",
    }
