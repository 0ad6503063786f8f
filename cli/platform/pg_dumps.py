"""Databases of Postgres, through its own programs: pg_dump and pg_restore."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from cli.errors import BadOption, DumpFailed

NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
LAST_LINES = 3


def dump(name: str, file: Path, through: Sequence[str] = ()) -> None:
    """As the role of the same name. `through`: what runs a program where the database is.

    Raises BadOption, DumpFailed.
    """
    with file.open("wb") as written:
        _run([*through, "pg_dump", *_as(name), "--format=custom"], name, stdout=written)


def restore(name: str, file: Path, through: Sequence[str] = ()) -> None:
    """Whole or not at all; what is there of the same names is replaced. Raises DumpFailed."""
    how = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
    with file.open("rb") as read:
        _run([*through, "pg_restore", *_as(name), *how], name, stdin=read)


def _as(name: str) -> list[str]:
    if not NAME.fullmatch(name):
        raise BadOption(what=f"{name} is no name of a database", fix="As in --database windmill")
    return ["--username", name, "--no-password", "--dbname", name]


def _run(command: Sequence[str], name: str, **streams: IO[Any]) -> None:
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **streams}
    try:
        done = subprocess.run(command, stderr=subprocess.PIPE, check=False, **given)  # type: ignore[call-overload]
    except OSError as error:
        raise DumpFailed(name=name, reason=f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        raise DumpFailed(name=name, reason=" ".join(told[-LAST_LINES:]) or "no reason was given")
