"""`mlops audit verify`"""

import click

from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops audit verify
    mlops audit verify --json | jq -r .seal > somewhere-else
    mlops audit verify --seal "$(cat somewhere-else)"
    """
)
@click.command("verify")
@click.option("--seal", default="", help="Of an earlier look, kept elsewhere: is it still there?")
@json_option
def command(seal: str, as_json: bool) -> int:
    """Was an entry changed, taken out or cut off? 1 if so."""
    told = find_gateway(Home.from_environment()).verify_audit(seal)
    if as_json:
        console.say_json(told)
    elif told["intact"]:
        console.say(f"{told['entries']} entries, as they were written. Seal: {told['seal']}")
    else:
        console.say("\n".join(["The audit log is not what was written:", *told["problems"]]))
    return 0 if told["intact"] else 1
