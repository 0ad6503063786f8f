"""`mlops preview`"""

import click

from cli.actions.deploying import request_body
from cli.actions.listing.completing import entries
from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option
from cli.terminal.previews import lines


@examples(
    """
    mlops preview rag-chatbot --set documents=./handbook
    mlops preview rag-chatbot --set documents=./handbook --node chunks
    mlops preview ./my-pipeline.yaml --json | jq '.nodes[].reading.listed'
    """
)
@click.command("preview", short_help="Show the first of what a pipeline would read.")
@click.argument("entry", metavar="ENTRY|FILE.yaml", shell_complete=entries)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="An input.")
@click.option("--node", metavar="ID", help="One node; all that read when left out.")
@json_option
def command(entry: str, settings: tuple[str, ...], node: str | None, as_json: bool) -> int:
    """Show the first of what a pipeline would read, and what it would leave out, and why.

    Pages, passages, rows with the kind of each column, images by class. A worker reads the files
    or the site as the pipeline would; nothing is deployed, and nothing of it is kept. Exit code 1
    when deploying would fail on what is there.
    """
    gateway = find_gateway(Home.from_environment())
    body = request_body(
        gateway, entry, settings, None, None, may_ask=console.can_ask(), needs_target=False
    )
    preview = gateway.preview(body, node)
    if as_json:
        console.say_json(preview)
    else:
        console.say("\n".join(lines(preview)))
    return 1 if any(each["error"] for each in preview["nodes"]) else 0
