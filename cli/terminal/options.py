"""Options that many commands share."""

from collections.abc import Callable
from textwrap import dedent, indent
from typing import TypeVar

import click

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


Command = TypeVar("Command", bound=click.Command)


def examples(text: str) -> Callable[[Command], Command]:
    """Shown at the end of a command's help."""

    def attach(command: Command) -> Command:
        lines = indent(dedent(text).strip(), "  ")
        command.epilog = f"\b\nExamples:\n{lines}"
        return command

    return attach
