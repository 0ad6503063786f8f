"""`mlops logs`"""

import time
from collections.abc import Iterator
from typing import Any

import click

from cli.clients.gateway import ENDED, Gateway, find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples


@examples(
    """
    mlops logs rag-chatbot
    mlops logs rag-chatbot --follow
    mlops logs rag-chatbot --json      one JSON document a line
    """
)
@click.command("logs")
@click.argument("id")
@click.option("--follow", "-f", is_flag=True, help="Go on until the run has ended.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document a line.")
def command(id: str, follow: bool, as_json: bool) -> None:
    """Show what a run's steps said, in order."""
    gateway = find_gateway(Home.from_environment())
    for line in _lines(gateway, id, follow):
        if as_json:
            console.say_json(line)
        else:
            console.say(f"{console.dim(line['step'] + ' |')} {line['message']}")


def _lines(gateway: Gateway, id: str, follow: bool) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        answer = gateway.logs(id, after)
        yield from answer["lines"]
        if not follow or (answer["state"] in ENDED and not answer["lines"]):
            return
        after = answer["next"]
        time.sleep(0 if answer["lines"] else 0.5)
