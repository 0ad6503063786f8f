"""`mlops access keys add`"""

from typing import Any

import click

from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option
from cli.terminal.times import days_of

ROLES = ("viewer", "builder", "operator")


@examples(
    """
    mlops access keys add ann --role viewer
    mlops access keys add ci --role builder --expires 30d
    mlops access keys add shop --role viewer --deployment rag-chatbot --expires never
    mlops access keys add ci --role builder --json | jq -r .key
    """
)
@click.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What it may do.")
@click.option(
    "--deployment", "deployments", multiple=True, metavar="NAME", help="Over these alone; repeat."
)
@click.option(
    "--expires", default="90d", show_default=True, metavar="30d|4w|1y|never", help="When it ends."
)
@json_option
def command(
    name: str, role: str, deployments: tuple[str, ...], expires: str, as_json: bool
) -> None:
    """Make a key and show it, this once."""
    body: dict[str, Any] = {"name": name, "role": role, "expires_in_days": days_of(expires)}
    body |= {"deployments": list(deployments)} if deployments else {}
    made = find_gateway(Home.from_environment()).add_key(body)
    if as_json:
        console.say_json(made)
        return
    console.note(f"{told(made)}. It is shown this once; whoever has it sets MLOPS_API_KEY to it:")
    console.say(made["key"])


def told(key: dict[str, Any]) -> str:
    over = "" if key["deployments"] is None else f" of {', '.join(key['deployments'])}"
    until = f"until {key['expires_at'][:10]}" if key["expires_at"] else "without an end"
    return f"{key['name']}: {key['role']}{over}, {until}"
