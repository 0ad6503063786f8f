"""`mlops rollback`"""

import click

from cli.actions.listing.completing import deployments
from cli.clients.gateway import Gateway, find_gateway
from cli.commands.deployments.deploy import settled, tell
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops rollback rag-chatbot --list
    mlops rollback rag-chatbot
    mlops rollback rag-chatbot --to 3 --json
    """
)
@click.command("rollback")
@click.argument("id", shell_complete=deployments)
@click.option("--to", type=click.IntRange(min=1), help="Which revision; else the one before.")
@click.option("--list", "only_list", is_flag=True, help="Show the revisions; change nothing.")
@click.option("--wait/--no-wait", default=True, help="Stay until it is live.")
@json_option
def command(id: str, to: int | None, only_list: bool, wait: bool, as_json: bool) -> None:
    """Deploy an earlier revision of a deployment again.

    After an update that failed: the revision that still runs, so that it is whole again.
    """
    gateway = find_gateway(Home.from_environment())
    if only_list:
        _list(gateway, id, as_json)
        return
    status = settled(gateway, gateway.rollback(id, to), wait, as_json)
    tell(gateway, status, wait, as_json)


def _list(gateway: Gateway, id: str, as_json: bool) -> None:
    revisions = gateway.revisions(id)
    if as_json:
        console.say_json(revisions)
        return
    rows = [
        [str(each["number"]), console.ago(each["created_at"]), "live" if each["live"] else ""]
        for each in revisions
    ]
    console.say(console.table(rows, ["REVISION", "MADE", ""]))
