"""How commands speak: to a person at a terminal, to a pipe, or as JSON."""

import json
import os
import sys
from typing import Any

import click

from windmill.scripts.model.show.printable import printable, printable_in_colour


def is_terminal() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def can_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def colourful() -> bool:
    return is_terminal() and "NO_COLOR" not in os.environ


def styled(text: str, **style: Any) -> str:
    return click.style(text, **style) if colourful() else text


def dim(text: str) -> str:
    return styled(text, dim=True)


def bold(text: str) -> str:
    return styled(text, bold=True)


def say(text: str = "") -> None:
    click.echo(_shown(text))


def write(text: str) -> None:
    """A part of a line that others still write."""
    sys.stdout.write(printable(text))
    sys.stdout.flush()


def write_file(text: str) -> None:
    """What a program reads stays as it is; a terminal gets what it may show."""
    sys.stdout.write(printable(text.replace("\r\n", "\n")) if is_terminal() else text)
    sys.stdout.flush()


def note(text: str) -> None:
    """For people only: never mixes with what a program reads from stdout."""
    click.echo(_shown(text), err=True)


def say_json(data: Any) -> None:
    click.echo(printable(json.dumps(data, ensure_ascii=False, default=str)))


def _shown(text: str) -> str:
    """Most of what commands say holds names, logs and answers that others wrote."""
    return printable_in_colour(text) if colourful() else printable(text)


def table(rows: list[list[str]], headings: list[str]) -> str:
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    head = "  ".join(text.ljust(width) for text, width in zip(headings, widths, strict=True))
    body = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([dim(head.rstrip()), *body])


def seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f} s" if value < 60 else f"{int(value // 60)} min {int(value % 60):02} s"


def ago(moment: str) -> str:
    from datetime import UTC, datetime

    passed = (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if passed >= size:
            return f"{int(passed // size)} {unit} ago"
    return "just now"
