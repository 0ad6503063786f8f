"""`mlops access keys ls`"""

from typing import Any

import click

from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option

HEADINGS = ["ID", "NAME", "ROLE", "OVER", "EXPIRES", "LAST USED", "MADE BY"]


@examples(
    """
    mlops access keys ls
    mlops access keys ls --all --json
    """
)
@click.command("ls")
@click.option("--all", "include_ended", is_flag=True, help="Also those that ended.")
@json_option
def command(include_ended: bool, as_json: bool) -> None:
    """List the keys: whose, what they may do and when they were last used."""
    keys = find_gateway(Home.from_environment()).keys(include_ended)
    if as_json:
        console.say_json(keys)
    elif keys:
        console.say(console.table([_row(key) for key in keys], HEADINGS))
    else:
        console.say("There are none. Try: mlops access keys add NAME --role viewer")


def _row(key: dict[str, Any]) -> list[str]:
    over = "workspace" if key["deployments"] is None else ", ".join(key["deployments"])
    until = "revoked" if key["revoked_at"] else (key["expires_at"] or "never")[:10]
    used = console.ago(key["last_used_at"]) if key["last_used_at"] else "never"
    return [key["id"], key["name"], key["role"], over, until, used, key["created_by"]]
