import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sync import __main__ as terminal
from tests.sync.conftest import Write
from tests.sync.embedded import EmbeddedWindmill

PRICE = "windmill/scripts/price.py"
FILES = {PRICE: "def main(a: int): ...\n"}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    checkout: Write,
    embedded: EmbeddedWindmill,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    root = checkout(FILES)
    monkeypatch.setattr(terminal, "Windmill", lambda *_: embedded.client())

    def run(*arguments: str) -> tuple[int, str, str]:
        code = terminal.main([*arguments, "--root", str(root)])
        return code, *capsys.readouterr()

    return run


def test_plan_shows_and_writes_nothing_and_tells_that_something_is_pending(
    run: Run, embedded: EmbeddedWindmill
) -> None:
    code, out, _ = run("plan")
    assert code == 2
    assert "+ script f/mlops/price" in out
    assert embedded.wire.writes == []


def test_push_then_plan_has_nothing_to_do(run: Run) -> None:
    code, out, _ = run("push")
    assert code == 0
    assert "written, 0 unchanged" in out
    code, out, _ = run("plan")
    assert (code, out.startswith("Nothing to do")) == (0, True)


def test_json_is_one_document(run: Run) -> None:
    assert json.loads(run("plan", "--json")[1])["create"] == len(
        json.loads(run("push", "--json")[1])["written"]
    )
    assert json.loads(run("plan", "--json")[1])["actions"] == []


def test_drift_is_refused_with_its_own_exit_code_and_a_way_out(
    run: Run, embedded: EmbeddedWindmill
) -> None:
    run("push")
    embedded.edit("f/mlops/price", content="theirs")
    code, _, err = run("push")
    assert code == 2
    assert "f/mlops/price" in err
    assert "--force" in err
    assert run("push", "--force")[0] == 0


def test_problems_are_told_with_their_place(run: Run, checkout: Write) -> None:
    checkout({PRICE: "import pandas\n"})
    code, _, err = run("push")
    assert (code, f"{PRICE}:1:1" in err) == (1, True)
    problem = json.loads(run("push", "--json")[1])["error"]["problems"][0]
    assert (problem["file"], problem["line"]) == (PRICE, 1)


def test_a_failed_push_names_what_was_written_and_what_not(
    run: Run, embedded: EmbeddedWindmill
) -> None:
    embedded.wire.fail_at = 4
    code, out, _ = run("push", "--json")
    error = json.loads(out)["error"]
    assert code == 1
    assert error["failed"] not in error["written"]
    assert error["failed"] in error["not_written"]
    assert "push" in error["fix"]


def test_a_plan_that_was_kept_is_pushed_as_it_is_or_not_at_all(
    run: Run, checkout: Write, embedded: EmbeddedWindmill, tmp_path: Path
) -> None:
    kept = str(tmp_path / "release.plan")
    run("plan", "--plan", kept)
    checkout({PRICE: "def main(b: int): ...\n"})
    code, _, err = run("push", "--plan", kept)
    assert (code, "script/f/mlops/price was changed in Git since" in err) == (1, True)
    assert embedded.wire.writes == []
    run("plan", "--plan", kept)
    assert run("push", "--plan", kept)[0] == 0
