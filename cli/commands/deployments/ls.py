"""`mlops ls`"""

from collections.abc import Iterator
from typing import Any

import click

from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option

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
        console.say(console.table(list(_rows(deployments)), HEADINGS))
    else:
        console.say("Nothing is deployed. Try: mlops deploy rag-chatbot")


def _rows(deployments: list[Any]) -> Iterator[list[str]]:
    """Those of one meta-pipeline stand together, below its name."""
    alone = [item for item in deployments if not item["part_of"]]
    yield from map(_row, alone)
    parts = sorted({item["part_of"] for item in deployments} - {""})
    for name in parts:
        yield [name, "", "", "", "", "meta-pipeline"]
        for item in deployments:
            if item["part_of"] == name:
                row = _row(item)
                yield [f"  {row[0]}", *row[1:]]


def _row(item: dict[str, str]) -> list[str]:
    revision = str(item["revision"] or "")
    updated = console.ago(item["updated_at"])
    target = item["target"] or ""
    return [item["name"], item["state"], target, revision, updated, item["endpoint_url"]]
