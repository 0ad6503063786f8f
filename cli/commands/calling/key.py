"""`mlops key`"""

import click

from cli.actions.listing.completing import deployments
from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops key rag-chatbot
    mlops key rag-chatbot --link
    curl -H "Authorization: Bearer $(mlops key rag-chatbot)" http://127.0.0.1:20100/openapi.json
    """
)
@click.command("key", short_help="Tell the key of a deployed pipeline's API.")
@click.argument("id", shell_complete=deployments)
@click.option("--link", is_flag=True, help="The link to its page, which bears the key.")
@json_option
def command(id: str, link: bool, as_json: bool) -> None:
    """Tell the key that a deployed pipeline asks its callers for, and nothing else."""
    told = find_gateway(Home.from_environment()).key(id)
    if as_json:
        console.say_json(told)
    else:
        console.say(told["page"] if link else told["key"])
