"""How every failure is told: what, where, and what mends it."""

import os
import sys
import tempfile
import traceback
from typing import Any

import click

from cli.errors import CliError
from cli.terminal.console import say_json, styled

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
    if isinstance(error, CliError):
        return error.as_dict()
    if isinstance(error, click.ClickException):
        return _usage(error)
    if _is_ours(error):
        return _domain(error)
    return _unexpected(error)


def _usage(error: click.ClickException) -> dict[str, Any]:
    ctx = getattr(error, "ctx", None)
    help_line = f"{ctx.command_path} --help" if ctx else "mlops --help"
    return {"code": "usage", "message": error.format_message(), "where": "", "fix": help_line}


def _is_ours(error: Exception) -> bool:
    """Looks among what is loaded: reporting an error must not import anything heavy."""
    known = (("windmill.scripts.model.base.errors", "MlopsError"), ("sync.errors", "SyncError"))
    bases = [getattr(sys.modules.get(module), name, None) for module, name in known]
    return any(base is not None and isinstance(error, base) for base in bases)


def _domain(error: Exception) -> dict[str, Any]:
    fix = str(getattr(error, "fix", "") or "")
    told = {
        "code": _words(type(error).__name__),
        # Where only the message travels the fix is its last line.
        "message": str(error).removesuffix(f"\n    {fix}"),
        "where": str(getattr(error, "where", "") or ""),
        "fix": fix,
    }
    problems = getattr(error, "problems", None)
    return {**told, "problems": [item.as_dict() for item in problems]} if problems else told


def _words(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


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
    lines = [f"{styled('error:', fg='red', bold=True)} {told['message']}"]
    # InvalidInput's message is the list of problems already; a gateway's answer is not.
    if told["code"] != "invalid_input":
        lines += [f"  {_problem(item)}" for item in told.get("problems", ())]
    lines += [f"  {told[key]}" for key in ("where", "fix") if told.get(key)]
    click.echo("\n".join(lines), err=True)


def _problem(item: dict[str, Any]) -> str:
    place = ":".join(str(item[key]) for key in ("file", "line", "column") if item.get(key))
    head = "  ".join(text for text in (place, item.get("field", ""), item["message"]) if text)
    return head + (f"\n      {item['fix']}" if item.get("fix") else "")
