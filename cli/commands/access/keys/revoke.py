"""`mlops access keys revoke`"""

import re

import click

from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops access keys revoke ann
    mlops access keys revoke 3f9a01c7 --json
    """
)
@click.command("revoke")
@click.argument("key", metavar="NAME|ID")
@json_option
def command(key: str, as_json: bool) -> None:
    """End a key at once."""
    # Of a whole key that somebody pasted, no more than its id is sent.
    id_ = re.sub(r"^mlops_([0-9a-f]{8})(_.*)?$", r"\1", key)
    ended = find_gateway(Home.from_environment()).revoke_key(id_)
    if as_json:
        console.say_json(ended)
    else:
        console.say(f"{ended['name']} ({ended['id']}) opens nothing any more.")
