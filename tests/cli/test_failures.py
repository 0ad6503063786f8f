"""Every failure is words, an exit code, and nothing else."""

import json
from pathlib import Path

import click
import pytest

from cli.commands.deployments import ls as ls_module
from cli.errors import Refused
from cli.platform.home import Home, write_private
from cli.terminal import failures
from tests.cli.conftest import Mlops, mlops_process
from windmill.scripts.model.base.errors import InvalidInput, Problem

NEED_PLATFORM = (
    ["ls"],
    ["status", "x"],
    ["logs", "x"],
    ["chat", "x", "why?"],
    ["destroy", "x", "--yes"],
    ["deploy", "rag-chatbot"],
    ["sync", "plan"],
    ["sync", "push"],
)


@pytest.mark.parametrize("arguments", NEED_PLATFORM, ids=" ".join)
def test_without_a_platform_the_fix_is_to_start_it(mlops: Mlops, arguments: list[str]) -> None:
    told = mlops(*arguments)
    assert (told.code, told.out) == (1, "")
    assert told.err == "error: The platform is not running.\n  mlops up\n"


@pytest.mark.parametrize("arguments", NEED_PLATFORM, ids=" ".join)
def test_with_json_the_error_is_one_document(mlops: Mlops, arguments: list[str]) -> None:
    told = mlops(*arguments, "--json")
    assert (told.code, told.err) == (1, "")
    assert told.json["error"]["code"] == "platform_down"
    assert told.json["error"]["fix"] == "mlops up"


def test_a_mistyped_command_is_answered_with_the_nearest(mlops: Mlops) -> None:
    told = mlops("depoly", "rag-chatbot")
    assert told.code == 1
    assert "No command 'depoly'. Did you mean 'deploy'?" in told.err


def test_a_missing_argument_points_to_the_help(mlops: Mlops) -> None:
    told = mlops("status")
    assert told.code == 1
    assert "Missing argument 'ID'" in told.err
    assert "mlops status --help" in told.err


def test_a_bug_leaves_its_traceback_in_a_file(
    mlops: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ls_module, "find_gateway", lambda home: 1 / 0)
    told = mlops("ls")
    assert told.code == 1
    assert "unexpected ZeroDivisionError: division by zero" in told.err
    assert "Traceback" not in told.err
    file = told.err.split("traceback in ")[1].split("\n")[0]
    assert "ZeroDivisionError" in Path(file).read_text()


def test_debug_shows_the_traceback(mlops: Mlops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ls_module, "find_gateway", lambda home: 1 / 0)
    monkeypatch.setenv("MLOPS_DEBUG", "1")
    assert "Traceback" in mlops("ls").err


@pytest.mark.parametrize("debug", ["", "1"])
def test_no_traceback_and_no_words_of_a_bug_have_a_secret(
    debug: str, mlops: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, password, stored = "canary-of-n8n-77aa", "canary-of-postgres-4d", "canary-of-home-91"
    monkeypatch.setenv("MLOPS_DEBUG", debug)
    monkeypatch.setenv("N8N_API_KEY", f"{token}\n")
    home = Home.from_environment()
    home.make()
    write_private(home.secrets_file, json.dumps({"secret_key": stored}))

    def fail(home: object) -> None:
        url = f"postgresql://mlops:{password}@db/mlops"
        raise RuntimeError(f"{token} {url}") from ValueError(f"header {stored!r}")

    monkeypatch.setattr(ls_module, "find_gateway", fail)
    told = mlops("ls", "--json")
    file = told.out.split("traceback in ")[1].split('"')[0]
    written = Path(file).read_text()
    assert "The above exception was the direct cause" in written
    for secret in (token, password, stored):
        assert secret not in told.out + told.err + written
    assert "postgresql://mlops:***@db/mlops" in written


def test_interruption_ends_with_130(mlops: Mlops, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(home: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ls_module, "find_gateway", interrupt)
    assert mlops("ls").code == 130


def test_problems_keep_their_place_in_the_file() -> None:
    error = InvalidInput([Problem("is missing", "name", "Add it.", "a.yaml", 3, 7)])
    told = failures.describe(error)
    assert told["code"] == "invalid_input"
    assert told["problems"] == [
        {
            "message": "is missing",
            "field": "name",
            "fix": "Add it.",
            "file": "a.yaml",
            "line": 3,
            "column": 7,
            "code": "E-INPUT",
        }
    ]


def test_refused_changes_end_with_2() -> None:
    assert failures.exit_code("drift") == 2
    assert failures.exit_code("platform_down") == 1


@pytest.mark.slow
def test_a_home_that_cannot_be_is_told(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file")
    told = mlops_process("up", "--json")
    assert told.code == 1
    error = json.loads(told.out)["error"]
    assert error["code"] == "home_unusable"
    assert "MLOPS_HOME" in error["fix"]


def test_usage_errors_are_described_for_programs() -> None:
    told = failures.describe(click.UsageError("no such option"))
    assert told["code"] == "usage"


def test_refused_problems_are_told_once_each_with_its_fix(
    capsys: pytest.CaptureFixture[str],
) -> None:
    problems = [Problem("is missing", "name", "Add it."), Problem("is unknown", "nam")]
    told = "error: E-INPUT  is missing (at name)\n    Add it.\n  E-INPUT  is unknown (at nam)\n"
    for error in (InvalidInput(problems), Refused(
        code="invalid_request",
        message="The request has 2 problem(s).",
        problems=[each.as_dict() for each in problems],
    )):  # fmt: skip
        assert failures.report(error, as_json=False) == 1
        assert capsys.readouterr().err == told
