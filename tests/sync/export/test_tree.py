"""The files alone, without Windmill."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from cli.main import run
from sync.api import Item, Kind, export
from sync.errors import NotAnExport, NotExportable
from sync.export.export import as_tree

LOCK = "# py: 3.11\n"


def script(name: str, content: str = "def main(): ...\n") -> Item:
    body: dict[str, str | None] = {
        "path": f"f/mlops/{name}",
        "summary": "",
        "description": "",
        "content": content,
    }
    body |= {"language": "python3", "kind": "script", "schema": None, "lock": LOCK}
    return Item(Kind.script, f"f/mlops/{name}", body)


def flow(**step: str) -> Item:
    value = {"type": "rawscript", "language": "python3", "content": "code", "lock": LOCK} | step
    module = {"id": value.pop("id", "a"), "value": value}
    body = {"path": "f/mlops/flow", "summary": "", "value": {"modules": [module]}}
    return Item(Kind.flow, "f/mlops/flow", body)


def test_a_script_is_its_code_its_metadata_and_its_lock() -> None:
    tree = as_tree([script("lib/price")])
    assert tree["f/mlops/lib/price.py"] == "def main(): ...\n"
    assert tree["f/mlops/lib/price.script.lock"] == LOCK
    metadata = yaml.safe_load(tree["f/mlops/lib/price.script.yaml"])
    assert metadata["lock"] == "!inline f/mlops/lib/price.script.lock"


def test_a_script_with_modules_is_a_folder_with_them_beside_it() -> None:
    item = script("price")
    item.body["modules"] = {"lib/rates.py": {"content": "RATE = 2\n", "language": "python3"}}
    tree = as_tree([item])
    assert tree["f/mlops/price__mod/script.py"] == "def main(): ...\n"
    assert tree["f/mlops/price__mod/script.lock"] == LOCK
    assert tree["f/mlops/price__mod/lib/rates.py"] == "RATE = 2\n"
    metadata = yaml.safe_load(tree["f/mlops/price__mod/script.yaml"])
    assert metadata["lock"] == "!inline f/mlops/price__mod/script.lock"
    assert not [file for file in tree if file.startswith("f/mlops/price.")]


def test_inline_code_becomes_files_and_the_item_stays_as_it_was() -> None:
    item = flow()
    tree = as_tree([item])
    assert tree["f/mlops/flow__flow/a.py"] == "code"
    assert tree["f/mlops/flow__flow/a.lock"] == LOCK
    (step,) = yaml.safe_load(tree["f/mlops/flow__flow/flow.yaml"])["value"]["modules"]
    assert step["value"]["content"] == "!inline a.py"
    assert item.body["value"]["modules"][0]["value"]["content"] == "code"


@pytest.mark.parametrize("step", [{"id": "../../../escape"}, {"language": "cobol"}])
def test_a_step_that_cannot_be_a_file_is_refused(step: dict[str, str]) -> None:
    with pytest.raises(NotExportable):
        as_tree([flow(**step)])


def test_exporting_again_writes_what_changed_and_removes_what_is_gone(tmp_path: Path) -> None:
    first = export([script("kept"), script("gone")], tmp_path)
    assert (first.written, first.removed) == (7, 0)
    again = export([script("kept", "def main(): return 2\n")], tmp_path)
    assert (again.written, again.removed, again.unchanged) == (1, 3, 3)
    assert not list(tmp_path.rglob("gone*"))
    assert export([script("kept", "def main(): return 2\n")], tmp_path).written == 0


def test_an_empty_git_checkout_is_taken_and_other_files_in_it_are_kept(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    export([script("one")], tmp_path)
    (tmp_path / "README.md").write_text("mine")
    export([], tmp_path)
    assert (tmp_path / "README.md").read_text() == "mine"


def somebodys_repository(folder: Path) -> None:
    (folder / "wmill.yaml").write_text("includes: ['f/**']\n")


def some_files(folder: Path) -> None:
    (folder / "thesis.tex").write_text("")


@pytest.mark.parametrize("fill", [somebodys_repository, some_files])
def test_a_folder_with_something_else_is_left_alone(
    fill: Callable[[Path], None], tmp_path: Path
) -> None:
    fill(tmp_path)
    before = {path: path.read_text() for path in tmp_path.iterdir()}
    with pytest.raises(NotAnExport):
        export([script("one")], tmp_path)
    assert {path: path.read_text() for path in tmp_path.iterdir()} == before


def test_the_command_says_what_it_did_and_refuses_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "new"
    assert run(["sync", "export", str(target), "--owner", "u/alice", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["written"] == sum(path.is_file() for path in target.rglob("*"))
    folder = yaml.safe_load((target / "f/mlops/folder.meta.yaml").read_text("utf-8"))
    assert (folder["owners"], folder["extra_perms"]) == (["u/alice"], {"u/alice": True})
    some_files(tmp_path)
    assert run(["sync", "export", str(tmp_path)]) == 1
    assert "neither empty nor an earlier export" in capsys.readouterr().err
