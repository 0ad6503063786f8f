"""`mlops access sessions`: one file a verb."""

import click

from cli.terminal.options import examples
from cli.terminal.verbs import Verbs


@examples(
    """
    mlops access sessions ls
    mlops access sessions end 3f9a01c7aa02be11
    mlops access sessions ls --json | jq -r '.[].id' | xargs -n 1 mlops access sessions end
    """
)
@click.command(cls=Verbs, verbs=("ls", "end"), package=__name__)
def command() -> None:
    """Browsers that are signed in to the ML Pipeline Builder."""
