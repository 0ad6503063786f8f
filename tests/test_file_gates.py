"""Both gates for paths that people give are one text, and judge as the table says."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from serving import file_gate as serving_gate
from serving.errors import PathRefused, ServingError
from windmill.scripts.model.base.errors import MlopsError
from windmill.scripts.provision import errors as worker_errors
from windmill.scripts.provision.reading import file_gate as worker_gate

CASES = yaml.safe_load(Path(__file__).with_name("file_gate_cases.yaml").read_text("utf-8"))
FILES = {
    "home/ann/notes.csv": "mine",
    "home/ann/folder/x.md": "x",
    "home/ann/.ssh/id": "key",
    "disk/paper.md": "paper",
    "platform/registry.db": "state",
    "platform/deployments/a/data/up.csv": "up",
}
LINKS = {"link": "../../platform", "papers": "../../disk", "circle": "circle"}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    for name, target in LINKS.items():
        (tmp_path / "home/ann" / name).symlink_to(target)
    os.mkfifo(tmp_path / "home/ann/pipe")
    return tmp_path


def settings(machine: Path, case: dict[str, Any]) -> dict[str, str]:
    roots = case.get("roots", ["home/ann", "disk"])
    private = case.get("private", ["platform"])
    return {
        "MLOPS_DATA_ROOTS": ":".join(str(machine / root) for root in roots),
        "MLOPS_PRIVATE_FOLDERS": ":".join(str(machine / folder) for folder in private),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_a_path_is_judged_by_where_it_really_leads(machine: Path, case: dict[str, Any]) -> None:
    own = [machine / case["own"]] if "own" in case else []
    gate = serving_gate.FileGate.of(settings(machine, case), *own)
    if "opens" in case:
        assert gate.read(machine / case["path"], 100).decode() == case["opens"]
        return
    with pytest.raises(PathRefused) as caught:
        gate.read(machine / case["path"], 100)
    assert caught.value.message.endswith(f"is not read: it {case['refused']}")
    assert "MLOPS_DATA_ROOTS" in caught.value.fix


def test_a_link_that_is_put_there_after_the_judgement_is_not_followed(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = serving_gate.FileGate.of(settings(machine, {}))
    folder, notes = machine / "home/ann/folder", machine / "home/ann/folder/x.md"
    monkeypatch.setattr(serving_gate.FileGate, "judged", lambda self, path: notes)
    folder.rename(machine / "moved")
    folder.symlink_to(machine / "moved")
    with pytest.raises(OSError, match="Not a directory"):
        gate.read(notes, 100)
    folder.unlink()
    folder.mkdir()
    notes.symlink_to(machine / "platform/registry.db")
    with pytest.raises(OSError, match="symbolic links"):
        gate.read(notes, 100)


def test_links_within_a_named_folder_lead_nowhere_else(machine: Path) -> None:
    folder = machine / "home/ann/folder"
    (folder / "out.md").symlink_to("../notes.csv")
    (folder / "in.md").symlink_to("x.md")
    (folder / "away").symlink_to("../../../disk")
    gate = serving_gate.FileGate.of(settings(machine, {}))
    found = dict(gate.files(folder))
    assert sorted(found) == ["in.md", "out.md", "x.md"]
    inside = gate.within(folder)
    assert inside.read(found["in.md"], 100) == b"x"
    with pytest.raises(PathRefused):
        inside.read(found["out.md"], 100)


def test_what_is_usual_is_open_when_nothing_is_said_but_never_the_whole_machine() -> None:
    for home in ("/home/ann", "/"):
        roots = serving_gate.FileGate.of({"MLOPS_CHECKOUT": "/opt/mlops"}).roots
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HOME", home)
            roots = serving_gate.FileGate.of({"MLOPS_CHECKOUT": "/opt/mlops"}).roots
        assert (Path("/home/ann") in roots) == (home == "/home/ann")
        assert Path("/opt/mlops") in roots
        assert Path("/") not in roots


def test_both_gates_are_one_text_and_refuse_in_the_same_words() -> None:
    def text(module: Any) -> str:
        code = Path(module.__file__).read_text("utf-8").split('"""', 2)[2]
        return re.sub(r"from \S+ import PathRefused", "", code)

    assert text(serving_gate) == text(worker_gate)
    refusals: list[ServingError | MlopsError] = [
        PathRefused(path="/x", reason="why"),
        worker_errors.PathRefused(path="/x", reason="why"),
    ]
    assert len({(error.message, error.fix) for error in refusals}) == 1
