"""`mlops status`"""

from typing import Any

import click

from cli.clients.gateway import find_gateway
from cli.clients.tunnel import place_lines
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option
from cli.terminal.outputs import notice_lines, whole_lines
from cli.terminal.progress import plain_line, reason, waiting_lines

GOOD = {"live": "green", "failed": "red", "degraded": "red"}


@examples(
    """
    mlops status rag-chatbot
    mlops status rag-chatbot --json | jq .steps
    """
)
@click.command("status")
@click.argument("id")
@json_option
def command(id: str, as_json: bool) -> None:
    """Show a deployment or run: its state, steps and addresses."""
    status = find_gateway(Home.from_environment()).status(id)
    if as_json:
        console.say_json(status)
    else:
        _print(status)


def _print(status: dict[str, Any]) -> None:
    state = console.styled(status["state"], fg=GOOD.get(status["state"]), bold=True)
    revision = f", revision {status['revision']}" if status["revision"] else ""
    target = f" on {status['target']}" if status["target"] else ""
    console.say(f"{console.bold(status['name'])}  {state}{target}{revision}")
    for step in status["steps"]:
        console.say(f"  {plain_line(step)}")
    for name, url in status["urls"].items():
        console.say(f"  {name:14} {url}")
    if status["endpoint_url"]:
        console.say(f"  {'key':14} mlops key {status['name']}")
    for line in [*place_lines(status), *whole_lines(status), *notice_lines(status)]:
        console.say(line)
    if status["error"]:
        console.say(f"  error: {reason(status['error'])}")
        if status["error"]["fix"]:
            console.say(f"  {status['error']['fix']}")
        console.say(f"  logs: mlops logs {status['id']}")
    for line in waiting_lines(status):
        console.say(line)
