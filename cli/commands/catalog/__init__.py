"""`mlops catalog`: one file a verb."""

import click

from cli.terminal.options import examples
from cli.terminal.verbs import Verbs

VERBS = (
    "ls",
    "show",
    "search",
    "check",
    "compile",
    "schema",
    "explain",
    "cost",
    "graph",
    "new",
    "save",
    "log",
    "diff",
    "lock",
)


@examples(
    """
    mlops catalog ls
    mlops catalog check
    mlops catalog show rag-chatbot
    mlops catalog new pipeline my-chatbot
    """
)
@click.command(
    cls=Verbs,
    short_help="List, check, compose, draw and version entries.",
    verbs=VERBS,
    package=__name__,
)
def command() -> None:
    """Playbooks, pipelines and meta-pipelines: what there is, whether it is right, what it becomes.

    The catalog is the folder `catalog` here, else the one this platform came with.
    """
