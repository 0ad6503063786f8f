"""`mlops catalog save, log, diff, lock` as a person types them."""

import json
from typing import Any

import pytest

from cli.main import run
from tests.history.repository import ECHO, IDENTITY, PINNED, TALK, Repository

Capture = pytest.CaptureFixture[str]
LOUD = ECHO.replace("f/test/echo", "f/test/shout")


@pytest.fixture
def here(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(repository.path)
    return repository


def mlops(repository: Repository, *arguments: str) -> int:
    return run(["catalog", *arguments, "--dir", str(repository.catalog)])


def data(capsys: Capture) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_file_is_saved_on_a_branch_as_the_one_who_is_here(
    here: Repository, capsys: Capture
) -> None:
    file = here.write("playbooks/echo", LOUD)
    assert mlops(here, "save", str(file), "-m", "Shout") == 0
    commit = here.git("rev-parse", "catalog-edits")
    assert (
        f"Saved playbooks/echo on catalog-edits, commit {commit[:12]}." in capsys.readouterr().out
    )
    assert here.git("log", "-1", "--format=%an %ae: %s", "catalog-edits") == (
        "Ann ann@example.org: Shout"
    )
    assert mlops(here, "save", str(file)) == 0
    assert "Nothing to save" in capsys.readouterr().out


def test_both_sides_of_a_conflict_are_shown_and_refused(here: Repository, capsys: Capture) -> None:
    file = here.write("playbooks/echo", LOUD)
    assert mlops(here, "save", str(file)) == 0
    here.write("playbooks/echo", ECHO.replace("Says it again", "Whispers"))
    capsys.readouterr()
    assert mlops(here, "save", str(file)) == 2
    told = capsys.readouterr().err
    assert "playbooks/echo was changed on catalog-edits" in told
    assert "+++ theirs" in told
    assert "+run: {script: f/test/shout}" in told
    assert "+++ yours" in told
    assert "+summary: Whispers" in told
    assert mlops(here, "save", str(file), "--json") == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["theirs"]) == ("conflict", LOUD)
    assert mlops(here, "save", str(file), "--base", "catalog-edits") == 0


def test_what_is_wrong_is_told_with_its_place(here: Repository, capsys: Capture) -> None:
    file = here.write("pipelines/talk", TALK.replace("playbooks/echo", "playbooks/ecko"))
    assert mlops(here, "save", str(file)) == 1
    assert "catalog/pipelines/talk.yaml:6:20  E-CAT-010" in capsys.readouterr().err
    assert mlops(here, "save", "nowhere.yaml") == 1


def test_versions_are_listed_and_compared(here: Repository, capsys: Capture) -> None:
    here.write("playbooks/echo", LOUD)
    here.commit("Shout")
    assert mlops(here, "log", "talk", "--json") == 0
    versions = data(capsys)
    assert isinstance(versions, list)
    assert [each["subject"] for each in versions] == ["Shout", "Begin"]
    assert mlops(here, "show", "talk", "--json") == 0
    shown = data(capsys)
    assert isinstance(shown, dict)
    assert shown["hash"] == versions[0]["version"]
    assert mlops(here, "log", "talk") == 0
    assert versions[0]["version"][:12] in capsys.readouterr().out
    assert mlops(here, "diff", "talk", "v1") == 2
    assert "+run: {script: f/test/shout}" in capsys.readouterr().out
    assert mlops(here, "diff", "talk", "HEAD") == 0
    assert mlops(here, "diff", "talk", "v2") == 1
    assert "Did you mean 'v1'?" in capsys.readouterr().err


def test_the_lock_is_written_checked_and_updated(here: Repository, capsys: Capture) -> None:
    assert mlops(here, "lock", "--check") == 0
    here.write("meta-pipelines/desk", PINNED.replace("REF", "main"))
    assert mlops(here, "lock", "--check") == 2
    assert not (here.catalog / "catalog.lock").exists()
    assert mlops(here, "lock") == 0
    assert mlops(here, "lock", "--check") == 0
    here.write("playbooks/echo", LOUD)
    here.commit("Shout")
    assert mlops(here, "lock", "--check") == 0
    assert mlops(here, "lock", "--check", "--update") == 2
    capsys.readouterr()
    assert mlops(here, "lock", "--update", "--json") == 0
    assert data(capsys)["pins"]["pipelines/talk@main"]["commit"] == here.git("rev-parse", "main")
    assert mlops(here, "check") == 0
