"""`mlops report`"""

from collections.abc import Iterator
from typing import Any

import click

from cli.actions.listing.completing import deployments
from cli.clients.endpoint import ANSWERING, reached, reading_of
from cli.clients.gateway import Gateway, find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops report rag-chatbot
    mlops report rag-chatbot --revision 3
    mlops report rag-chatbot --json | jq '.sources[].left_out'
    """
)
@click.command("report", short_help="Show what a pipeline has read, and what it left out.")
@click.argument("id", shell_complete=deployments)
@click.option("--revision", type=click.IntRange(min=1), help="As it was when this one went live.")
@json_option
def command(id: str, revision: int | None, as_json: bool) -> None:
    """Show what a pipeline has read of its data, and what it has not, and why.

    What is live is asked itself. Of an earlier revision, and of what is down or destroyed, what
    was kept when it went live is shown.
    """
    gateway = find_gateway(Home.from_environment())
    report = gateway.reading(id, revision) if revision else _newest(gateway, id)
    if as_json:
        console.say_json(report)
        return
    for line in report_lines(report["sources"]):
        console.say(line)


def _newest(gateway: Gateway, id: str) -> dict[str, Any]:
    """Of what is live its own; else what was kept of it."""
    status = gateway.status(id)
    if status["state"] not in ANSWERING:
        kept: dict[str, Any] = gateway.reading(id, None)
        return kept
    with reached(status) as endpoint:
        return reading_of(status["name"], endpoint, gateway.key(status["id"])["key"])


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
