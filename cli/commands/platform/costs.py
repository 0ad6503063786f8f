"""`mlops costs`"""

import click

from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops costs
    mlops costs --days 30 --json | jq .spent_usd
    """
)
@click.command("costs", short_help="Tell what machines cost and what was spent.")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 400))
@json_option
def command(days: int, as_json: bool) -> None:
    """Tell what machines cost, what was spent, and what was saved beside list prices."""
    found = find_gateway(Home.from_environment()).costs(days)
    if as_json:
        console.say_json(found)
    else:
        console.say(found["text"])
