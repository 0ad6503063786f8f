"""`mlops access keys`: one file a verb."""

import click

from cli.terminal.options import examples
from cli.terminal.verbs import Verbs


@examples(
    """
    mlops access keys add ann --role viewer
    mlops access keys ls --json | jq -r '.[].name'
    mlops access keys revoke ann
    """
)
@click.command(
    cls=Verbs,
    short_help="API keys: one for each person and program.",
    verbs=("add", "ls", "revoke", "rotate"),
    package=__name__,
)
def command() -> None:
    """API keys: one for each person and program, with a role and an end."""
