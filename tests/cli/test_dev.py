"""What `mlops dev` begins is right already: shown in a copy of the checkout."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.development.generated import generated
from cli.development.scaffold import scaffold, write
from cli.errors import BadOption, EntryExists
from cli.main import run
from tests.docs.checkout import copy_of_the_checkout

ROOT = Path(__file__).parents[2]
CHECKS = {
    "new-target": [
        "tests/targets/test_contract.py",
        "tests/targets/test_plan.py",
        "tests/targets/test_selection.py",
        "tests/test_house.py",
    ],
    "new-component": [
        "tests/serving/test_components_catalog.py",
        "tests/model/check/test_check.py",
    ],
    "new-step": ["tests/test_house.py", "tests/sync/test_scripts.py"],
}


def typed(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def begun(checkout: Path, *words: str) -> dict[str, Any]:
    done = typed(checkout, "cli.main", "dev", *words, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.slow
@pytest.mark.parametrize("verb", CHECKS)
def test_what_is_begun_passes_its_tests_and_those_of_its_kind(verb: str, tmp_path: Path) -> None:
    checkout = copy_of_the_checkout(tmp_path)
    told = begun(checkout, verb, "brand-new")
    own = [file for file in told["written"] if Path(file).name.startswith("test_")]
    marks = ["-m", "not slow"] if verb == "new-target" else []
    passed = typed(checkout, "pytest", "-q", "-p", "no:cacheprovider", *marks, *CHECKS[verb], *own)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    code = [file for file in told["written"] + told["changed"] if file.endswith(".py")]
    for check in (["check"], ["format", "--check"]):
        linted = typed(checkout, "ruff", *check, *code)
        assert linted.returncode == 0, linted.stdout
    assert begun(checkout, "generate") == {"changed": []}


@pytest.mark.slow
def test_a_new_target_can_be_named_at_once_and_is_refused_in_words(tmp_path: Path) -> None:
    checkout = copy_of_the_checkout(tmp_path)
    told = begun(checkout, "new-target", "brand_new", "--owner", "user")
    assert "windmill/scripts/model/base/target.py" in told["changed"]
    assert "docs/reference/commands.md" in told["changed"]
    assert told["next"]
    for folder in ("terraform/modules/brand_new", "tests/fakes", "tests/targets/data"):
        assert any(file.startswith(folder) for file in told["written"])
    offered = typed(checkout, "cli.main", "deploy", "--help").stdout
    assert "|brand_new|" in offered.replace("\n", "").replace(" ", "")
    own_tests = ["tests/provision/test_modules_own_tests.py", "-k", "brand_new or canonical"]
    terraform = typed(checkout, "pytest", "-q", *own_tests)
    assert terraform.returncode == 0, terraform.stdout


def test_a_dry_run_tells_the_files_and_writes_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dev", "new-target", "brand-new", "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["dry_run"]
    assert "windmill/scripts/targets/brand_new/target.py" in told["written"]
    assert not any((ROOT / file).exists() for file in told["written"])


@pytest.mark.parametrize("name", ["auto", "Upper", "../up", "class", "a--b", "1st", ""])
def test_what_cannot_be_a_name_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dev", "new-target", "--dry-run", "--", name]) == 1
    assert repr(name) in capsys.readouterr().err


def test_nothing_is_overwritten_and_then_nothing_is_written(tmp_path: Path) -> None:
    files = scaffold("step", "count-words")
    write(tmp_path, dict(list(files.items())[-1:]))
    with pytest.raises(EntryExists):
        write(tmp_path, files)
    assert sum(file.is_file() for file in tmp_path.rglob("*")) == 1


@pytest.mark.parametrize("kind", ["target", "component", "step"])
def test_no_placeholder_is_left(kind: str) -> None:
    for file, text in scaffold(kind, "brand-new", {"owner": "user"}).items():
        assert "NAME" not in str(file)
        assert "KIND" not in str(file)
        assert "{{" not in text


def test_names_follow_from_folders_and_people_s_own_machines_come_first(tmp_path: Path) -> None:
    for name, owner in {"zeta": "platform", "alpha": "provider", "mine": "user"}.items():
        write(tmp_path, scaffold("target", name, {"owner": owner}))
    names = generated(tmp_path)[Path("windmill/scripts/model/base/target.py")]
    members = re.findall(r'^    (\w+) = "', names, re.MULTILINE)
    assert members == ["zeta", "mine", "alpha", "auto"]


def test_a_word_of_the_language_is_no_name() -> None:
    with pytest.raises(BadOption):
        scaffold("step", "import")
