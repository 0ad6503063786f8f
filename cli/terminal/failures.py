"""How every failure is told: what, where, and what mends it."""

import os
import tempfile
import traceback
from collections.abc import Iterable
from typing import Any

import click

from cli.terminal.console import note, say_json, styled
from cli.terminal.redaction import Redaction
from windmill.scripts.model.base.errors import MlopsError, Problem

REFUSALS = {"drift", "price_not_confirmed"}


def report(error: Exception, as_json: bool, secrets: Iterable[str] = ()) -> int:
    """Prints it, without the secrets, and gives the exit code."""
    redaction = Redaction(secrets)
    if os.environ.get("MLOPS_DEBUG"):
        note(redaction.text(_traceback(error)))
    told = redaction.everywhere(describe(error, redaction))
    if as_json:
        say_json({"error": told})
    else:
        _print(told)
    return exit_code(told["code"])


def exit_code(code: str) -> int:
    """2 is for changes that were refused, as against an error."""
    return 2 if code in REFUSALS else 1


def describe(error: Exception, redaction: Redaction | None = None) -> dict[str, Any]:
    if isinstance(error, MlopsError):
        return error.as_dict()
    if isinstance(error, click.ClickException):
        return _usage(error)
    return _unexpected(error, redaction or Redaction())


def _usage(error: click.ClickException) -> dict[str, Any]:
    ctx = getattr(error, "ctx", None)
    help_line = f"{ctx.command_path} --help" if ctx else "mlops --help"
    return {"code": "usage", "message": error.format_message(), "fix": help_line}


def _unexpected(error: Exception, redaction: Redaction) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(
        "w", prefix="mlops-traceback-", suffix=".txt", delete=False
    ) as file:
        file.write(redaction.text(_traceback(error)))
    return {
        "code": "unexpected",
        "message": f"unexpected {type(error).__name__}: {error}",
        "where": f"traceback in {file.name}",
        "fix": "This is a bug of the platform: please report it with that file.",
    }


def _traceback(error: Exception) -> str:
    return "".join(traceback.format_exception(error))


def _print(told: dict[str, Any]) -> None:
    """Problems say more than the message that announces them, each with its own fix."""
    problems = [str(Problem(**each)) for each in told.get("problems", ())]
    fields = [told[key] for key in ("message", "where", "fix") if told.get(key)]
    text = "\n  ".join(problems or fields)
    note(f"{styled('error:', fg='red', bold=True)} {text}")
