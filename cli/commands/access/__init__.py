"""`mlops access`: one file a verb."""

import click

from cli.terminal.options import examples
from cli.terminal.verbs import Verbs


@examples(
    """
    mlops access whoami
    mlops access keys add ci --role builder --expires 30d
    mlops access keys ls
    """
)
@click.command(cls=Verbs, verbs=("whoami", "keys", "sessions"), package=__name__)
def command() -> None:
    """Who may use the gateway, and as what.

    Roles, each with all of the one before: a viewer looks, a builder deploys and destroys, an
    operator approves and gives out keys.
    """
