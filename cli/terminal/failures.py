"""How every failure is told: what, where, and what mends it."""

import os
import tempfile
import traceback
from typing import Any

import click

from cli.terminal.console import note, say_json, styled
from windmill.scripts.model.base.errors import MlopsError, Problem

REFUSALS = {"drift"}


def report(error: Exception, as_json: bool) -> int:
    """Prints it and gives the exit code."""
    if os.environ.get("MLOPS_DEBUG"):
        traceback.print_exception(error)
    told = describe(error)
    if as_json:
        say_json({"error": told})
    else:
        _print(told)
    return exit_code(told["code"])


def exit_code(code: str) -> int:
    """2 is for changes that were refused, as against an error."""
    return 2 if code in REFUSALS else 1


def describe(error: Exception) -> dict[str, Any]:
    if isinstance(error, MlopsError):
        return error.as_dict()
    if isinstance(error, click.ClickException):
        return _usage(error)
    return _unexpected(error)


def _usage(error: click.ClickException) -> dict[str, Any]:
    ctx = getattr(error, "ctx", None)
    help_line = f"{ctx.command_path} --help" if ctx else "mlops --help"
    return {"code": "usage", "message": error.format_message(), "fix": help_line}


def _unexpected(error: Exception) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(
        "w", prefix="mlops-traceback-", suffix=".txt", delete=False
    ) as file:
        traceback.print_exception(error, file=file)
    return {
        "code": "unexpected",
        "message": f"unexpected {type(error).__name__}: {error}",
        "where": f"traceback in {file.name}",
        "fix": "This is a bug of the platform: please report it with that file.",
    }


def _print(told: dict[str, Any]) -> None:
    """Problems say more than the message that announces them, each with its own fix."""
    problems = [str(Problem(**each)) for each in told.get("problems", ())]
    fields = [told[key] for key in ("message", "where", "fix") if told.get(key)]
    text = "\n  ".join(problems or fields)
    note(f"{styled('error:', fg='red', bold=True)} {text}")
