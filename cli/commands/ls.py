"""`mlops ls`"""

import click

from cli import console
from cli.gateway import find_gateway
from cli.home import Home
from cli.options import examples, json_option

HEADINGS = ["NAME", "STATE", "TARGET", "REVISION", "UPDATED", "ENDPOINT"]


@examples(
    """
    mlops ls
    mlops ls --all --json | jq '.[].name'
    """
)
@click.command("ls")
@click.option("--all", "include_destroyed", is_flag=True, help="Also what was destroyed.")
@json_option
def command(include_destroyed: bool, as_json: bool) -> None:
    """List deployments, their state and address."""
    gateway = find_gateway(Home.from_environment())
    deployments = gateway.deployments(include_destroyed)
    if as_json:
        console.say_json(deployments)
    elif deployments:
        console.say(console.table([_row(item) for item in deployments], HEADINGS))
    else:
        console.say("Nothing is deployed. Try: mlops deploy rag-chatbot")


def _row(item: dict[str, str]) -> list[str]:
    revision = str(item["revision"] or "")
    updated = console.ago(item["updated_at"])
    target = item["target"] or ""
    return [item["name"], item["state"], target, revision, updated, item["endpoint_url"]]
