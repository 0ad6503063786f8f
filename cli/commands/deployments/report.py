"""`mlops report`"""

from collections.abc import Iterator
from typing import Any

import click

from cli.clients.endpoint import reached, reading_of
from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops report rag-chatbot
    mlops report rag-chatbot --json | jq '.sources[].left_out'
    """
)
@click.command("report")
@click.argument("id")
@json_option
def command(id: str, as_json: bool) -> None:
    """Show what a deployed pipeline has read of its data, and what it has not, and why."""
    gateway = find_gateway(Home.from_environment())
    status = gateway.status(id)
    with reached(status) as endpoint:
        report = reading_of(status["name"], endpoint, gateway.key(status["id"])["key"])
    if as_json:
        console.say_json(report)
        return
    for line in report_lines(report["sources"]):
        console.say(line)


def report_lines(sources: list[dict[str, Any]]) -> Iterator[str]:
    """Text from people's files stands in it: the console makes it harmless."""
    if not sources:
        yield "This pipeline reads no data of yours."
    for each in sources:
        yield f"{each['node']}: {each['read']} of {each['given']} read ({each['kind']})"
        for left in each["listed"]:
            yield f"  {left['where']}: {left['reason']}" if left["where"] else f"  {left['reason']}"
        more = sum(each["left_out"].values()) - sum(left["count"] for left in each["listed"])
        if more:
            yield f"  and {more} more"
