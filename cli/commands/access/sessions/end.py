"""`mlops access sessions end`"""

import click

from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops access sessions end 3f9a01c7aa02be11
    mlops access sessions end 3f9a01c7aa02be11 --json
    """
)
@click.command("end")
@click.argument("id")
@json_option
def command(id: str, as_json: bool) -> None:
    """Sign a browser out."""
    ended = find_gateway(Home.from_environment()).end_session(id)
    if as_json:
        console.say_json(ended)
    else:
        console.say(f"{ended['who']} is signed out there.")
