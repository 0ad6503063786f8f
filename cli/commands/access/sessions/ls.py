"""`mlops access sessions ls`"""

import click

from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option

HEADINGS = ["ID", "WHO", "SINCE", "LAST RENEWED"]


@examples(
    """
    mlops access sessions ls
    mlops access sessions ls --json
    """
)
@click.command("ls")
@json_option
def command(as_json: bool) -> None:
    """List the browsers that are signed in."""
    sessions = find_gateway(Home.from_environment()).sessions()
    if as_json:
        console.say_json(sessions)
    elif sessions:
        rows = [
            [s["id"], s["who"], console.ago(s["created_at"]), console.ago(s["refreshed_at"])]
            for s in sessions
        ]
        console.say(console.table(rows, HEADINGS))
    else:
        console.say("No browser is signed in.")
