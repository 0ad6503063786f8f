"""`mlops dev`: one file a verb."""

import click

from cli.terminal.options import examples
from cli.terminal.verbs import Verbs

VERBS = ("new-target", "new-component", "new-step", "generate")


@examples(
    """
    mlops dev new-target lambda_labs
    mlops dev new-component redactor
    mlops dev generate
    """
)
@click.command(
    cls=Verbs, short_help="Begin a component, a step or a target.", verbs=VERBS, package=__name__
)
def command() -> None:
    """Begin a new part of the platform, in this checkout."""
