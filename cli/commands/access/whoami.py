"""`mlops access whoami`"""

import click

from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops access whoami
    mlops access whoami --json | jq -r .role
    """
)
@click.command("whoami")
@json_option
def command(as_json: bool) -> None:
    """Tell who the gateway takes you for, and what that allows."""
    me = find_gateway(Home.from_environment()).me()
    if as_json:
        console.say_json(me)
        return
    over = f"workspace {me['workspace']}"
    if me["deployments"] is not None:
        over = ", ".join(me["deployments"])
    console.say(f"{me['name']}  {me['role']} of {over}")
