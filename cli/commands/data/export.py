"""`mlops data export`"""

import click

from cli.actions.kept_data import WHOSE, kept, whose
from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples


@examples(
    """
    mlops data export ann > ann.json
    mlops data export --deployment rag-chatbot | jq .registry.events
    """
)
@click.command("export")
@click.argument("person", default="")
@click.option("--deployment", default="", metavar="NAME", help=WHOSE)
@click.option("--json", "_as_json", is_flag=True, help="It is always JSON.")
def command(person: str, deployment: str, _as_json: bool) -> None:
    """All that is kept, as JSON.

    Of a person: keys, browser sessions and what the audit log says. Of a deployment: its drawings,
    events and errors, and what its jobs were given and gave; its data folder is where it runs.
    """
    named = whose(person, deployment)
    console.say_json(kept(find_gateway(Home.from_environment()), named))
