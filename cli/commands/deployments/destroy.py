"""`mlops destroy`"""

from typing import Any

import click

from cli.actions.listing.completing import deployments
from cli.actions.running import destroy_one, teller
from cli.clients.gateway import find_gateway
from cli.errors import DestroyIncomplete, NotConfirmed
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option, yes_option
from cli.terminal.outputs import is_whole


@examples(
    """
    mlops destroy rag-chatbot
    mlops destroy rag-chatbot --yes --json
    mlops destroy support-desk
    mlops destroy rag-chatbot --forget      its own host is gone for good
    """
)
@click.command("destroy", short_help="Destroy a deployment with all that it made.")
@click.argument("id", shell_complete=deployments)
@click.option("--forget", is_flag=True, help="Do not ask its own host, which is gone for good.")
@yes_option
@json_option
def command(id: str, forget: bool, yes: bool, as_json: bool) -> int:
    """Destroy a deployment: its machines, processes, files and endpoint.

    By the name of a meta-pipeline, or the id of a run of one: all that it deployed.
    """
    gateway = find_gateway(Home.from_environment())
    status = gateway.status(id)
    if status["state"] == "destroyed":
        return _already_gone(status, as_json)
    if not yes and not _confirmed(status):
        console.note("Nothing was destroyed.")
        return 2
    # The deployment, whatever run of it the id named.
    what = status["deployment_id"] or id
    result = destroy_one(gateway, what, teller(as_json), forget=forget)
    if not result["destroyed"]:
        reason = (result["error"] or {}).get("message", "")
        raise DestroyIncomplete(names=f"{result['name']} ({reason})")
    if as_json:
        console.say_json(result)
    return 0


def _already_gone(status: dict[str, Any], as_json: bool) -> int:
    if as_json:
        console.say_json({"id": status["deployment_id"], "destroyed": True, "changed": False})
    else:
        console.say(f"{status['name']} is destroyed already.")
    return 0


def _confirmed(status: dict[str, Any]) -> bool:
    if not console.can_ask():
        raise NotConfirmed
    if is_whole(status):
        console.note(f"{status['name']} ({status['state']}) with all that it deployed:")
        for made in status["deployments"]:
            console.note(f"  {made['name']}  {made['endpoint_url']}")
        return click.confirm("Destroy them?", err=True)
    console.note(f"{status['name']} ({status['state']}) on {status['target'] or 'no target yet'}")
    if status["endpoint_url"]:
        console.note(f"  {status['endpoint_url']} will stop answering, and its data is deleted.")
    return click.confirm("Destroy it?", err=True)
