"""GitHub's workflows: what they may do, what they run, and that all checks are the same ones."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from requirements.lock import PYTHON_VERSION

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").rglob("*.yml"))
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
READ_ONLY = {"contents": "read"}
# What a job may write, beyond its own log.
WRITES = {
    "release/build": {"id-token", "attestations"},
    "release/publish": {"id-token"},
    "release/image": {"packages", "id-token", "attestations"},
    "release/announce": {"contents"},
}

each_workflow = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def loaded(file: Path) -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return workflow


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job.get("steps", ())


def commands(file: Path) -> list[str]:
    return [line for step in steps(loaded(file)) for line in step.get("run", "").splitlines()]


@pytest.mark.parametrize("file", [*FILES, *ACTIONS], ids=lambda file: "/".join(file.parts[-2:]))
def test_what_others_wrote_is_named_by_commit_and_version(file: Path) -> None:
    uses = re.findall(r"(?m)uses: (.+)$", file.read_text("utf-8"))
    assert [name for name in uses if not (name.startswith("./") or PINNED.match(name))] == []


def test_one_action_has_one_commit() -> None:
    text = "\n".join(file.read_text("utf-8") for file in [*FILES, *ACTIONS])
    pins = set(re.findall(r"uses: ([\w./-]+)@(.+)", text))
    assert len(pins) == len({name for name, _ in pins})


@each_workflow
def test_a_workflow_reads_and_a_job_writes_no_more_than_it_must(file: Path) -> None:
    workflow = loaded(file)
    assert workflow["permissions"] == READ_ONLY
    assert "concurrency" in workflow
    for name, job in workflow["jobs"].items():
        granted = job.get("permissions", {})
        writes = {scope for scope, level in granted.items() if level != "read"}
        assert writes == WRITES.get(f"{file.stem}/{name}", set()), name


@each_workflow
def test_a_job_ends_and_leaves_no_credentials_to_the_code_it_runs(file: Path) -> None:
    workflow = loaded(file)
    for job in workflow["jobs"].values():
        assert "timeout-minutes" in job or "uses" in job
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@each_workflow
def test_no_command_is_built_from_what_strangers_write(file: Path) -> None:
    assert [line for line in commands(file) if "${{" in line] == []


SECRET = re.compile(r"\b(secrets\.|github\.token)")


@each_workflow
def test_a_secret_is_known_to_the_step_that_needs_it_alone(file: Path) -> None:
    workflow = loaded(file)
    scopes = [workflow, *workflow["jobs"].values()]
    assert not [each for each in scopes if SECRET.search(str(each.get("env", "")))]
    for job in workflow["jobs"].values():
        assert "secrets" not in job, "a called workflow would have them all"
    for step in steps(workflow):
        if SECRET.search(str(step)):
            assert "run" in step, f"{step['uses']} is others' code"
            assert SECRET.search(str(step["env"]))
            assert not SECRET.search(step["run"])


@each_workflow
def test_no_workflow_runs_strangers_code_with_the_rights_of_the_repository(file: Path) -> None:
    text = file.read_text("utf-8")
    for event in ("pull_request_target", "workflow_run", "issue_comment"):
        assert event not in text


def test_python_is_the_one_that_the_locks_are_for() -> None:
    (action,) = ACTIONS
    python = next(s for s in loaded(action)["runs"]["steps"] if "setup-python" in s["uses"])
    assert python["with"]["python-version"] == PYTHON_VERSION
    assert not any("setup-python" in file.read_text("utf-8") for file in FILES)


def test_ci_and_pre_commit_check_what_make_lint_checks_and_ci_runs_all_tests() -> None:
    configuration = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook["entry"] for repo in configuration["repos"] for hook in repo["hooks"]]
    assert hooks == ["make lint"]
    ran = commands(ROOT / ".github/workflows/ci.yml")
    assert [line for line in ran if line.startswith("make")] == [
        "make lint",
        "make coverage",
        "make test",
    ]
