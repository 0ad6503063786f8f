"""`mlops data`: one file a verb."""

import click

from cli.terminal.options import examples
from cli.terminal.verbs import Verbs


@examples(
    """
    mlops data export ann > ann.json
    mlops data delete --deployment rag-chatbot
    mlops data delete ann --yes
    """
)
@click.command(
    cls=Verbs,
    short_help="Tell or delete what is kept of a person.",
    verbs=("export", "delete"),
    package=__name__,
)
def command() -> None:
    """What is kept of a person or a deployment: tell it, or delete it for good.

    A person is named as their key is, or as their provider calls them.
    """
