"""`mlops data delete`"""

import click

from cli.actions.kept_data import WHOSE, delete, kept, summary, whose
from cli.clients.gateway import find_gateway
from cli.errors import NotConfirmed
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option, yes_option


@examples(
    """
    mlops data delete ann
    mlops data delete ann --yes --json
    mlops data delete --deployment rag-chatbot-1a2b3c
    """
)
@click.command("delete")
@click.argument("person", default="")
@click.option("--deployment", default="", metavar="NAME", help=WHOSE)
@yes_option
@json_option
def command(person: str, deployment: str, yes: bool, as_json: bool) -> int:
    """Delete all that is kept, for good. Shows first how much that is.

    A person's keys and sessions end, and a pseudonym takes the place of the name, in the audit log
    as well. A deployment must be destroyed before; then its past goes too.
    """
    named = whose(person, deployment)
    gateway = find_gateway(Home.from_environment())
    console.note(summary(named, kept(gateway, named)))
    if not yes:
        if not console.can_ask():
            raise NotConfirmed
        if not click.confirm("Delete it for good?", err=True):
            console.note("Nothing was deleted.")
            return 2
    told = delete(gateway, named)
    if as_json:
        console.say_json(told)
    else:
        console.say("Deleted: " + ", ".join(f"{key} {value}" for key, value in told.items()))
    return 0
