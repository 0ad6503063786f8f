"""`mlops rate`"""

import click

from cli.actions.listing.completing import deployments
from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops rate rag-chatbot 9
    mlops rate rag-chatbot 9 --json | jq .mean
    """
)
@click.command("rate", short_help="Tell how satisfied you are with a deployment.")
@click.argument("id", shell_complete=deployments)
@click.argument("score", type=click.IntRange(1, 10))
@json_option
def command(id: str, score: int, as_json: bool) -> None:
    """Tell how satisfied you are with a deployment, from 1 to 10; `mlops kpis` has the mean."""
    kept = find_gateway(Home.from_environment()).rate(id, score)
    if as_json:
        console.say_json(kept)
        return
    number = kept["ratings"]
    console.say(f"Kept. {number} rating{'s' * (number != 1)}, {kept['mean']:.1f} of 10 on average.")
