"""`mlops chat`"""

from typing import Any

import click

from cli.actions.listing.completing import deployments
from cli.clients.endpoint import ask, reached, source_lines
from cli.clients.gateway import Gateway, find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops chat rag-chatbot "How long is the notice period?"
    mlops chat rag-chatbot "How long is the notice period?" --json | jq .sources
    """
)
@click.command("chat", short_help="Ask a deployed chatbot; tell its answer and sources.")
@click.argument("id", shell_complete=deployments)
@click.argument("question")
@json_option
def command(id: str, question: str, as_json: bool) -> None:
    """Ask a deployed pipeline; prints the answer and where it comes from."""
    gateway = find_gateway(Home.from_environment())
    ask_chat(gateway, gateway.status(id), question, as_json)


def ask_chat(gateway: Gateway, status: dict[str, Any], question: str, as_json: bool) -> None:
    answer = answered(gateway, status, question, as_json)
    if as_json:
        console.say_json(answer)
        return
    console.say()
    console.say()
    for line in source_lines(answer["sources"]):
        console.say(console.dim(line))
    console.say(console.dim(f"{answer['model']}, {console.seconds(answer['seconds'])}"))


def answered(
    gateway: Gateway, status: dict[str, Any], question: str, as_json: bool
) -> dict[str, Any]:
    """Raises NoAnswer."""
    on_token = (lambda _: None) if as_json else console.write
    with reached(status) as endpoint:
        key = gateway.key(status["id"])["key"]
        return ask(status["name"], endpoint, key, question, on_token)
