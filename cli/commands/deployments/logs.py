"""`mlops logs`"""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import click

from cli.actions.following import WINDOW, followed
from cli.actions.listing.completing import deployments
from cli.clients.gateway import ENDED, Gateway, find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples

PROCESSES = ("api", "model-server", "litellm")


@examples(
    """
    mlops logs rag-chatbot
    mlops logs rag-chatbot --follow
    mlops logs rag-chatbot --json      one JSON document a line
    mlops logs rag-chatbot --runtime   what its API wrote on its host
    mlops logs rag-chatbot --runtime --process litellm --lines 50
    mlops logs rag-chatbot --runtime --follow
    """
)
@click.command("logs", short_help="Show what the steps of a run or its processes said.")
@click.argument("id", shell_complete=deployments)
@click.option("--follow", "-f", is_flag=True, help="Go on until the run has ended, or you stop.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document a line.")
@click.option("--runtime", is_flag=True, help="What the deployed pipeline's process wrote.")
@click.option(
    "--process", type=click.Choice(PROCESSES), default="api", show_default=True, help="Which one."
)
@click.option(
    "--lines", type=click.IntRange(1, 1000), default=200, show_default=True, help="At most so many."
)
def command(id: str, follow: bool, as_json: bool, runtime: bool, process: str, lines: int) -> None:
    """Show what a run's steps said, in order; or what the pipeline itself writes."""
    gateway = find_gateway(Home.from_environment())
    if runtime and follow:
        _follow_process_log(gateway, id, process, lines, as_json)
    elif runtime:
        _show_process_log(gateway.process_log(id, process, lines), as_json)
    else:
        _show_steps(gateway, id, follow, as_json)


def _show_steps(gateway: Gateway, id: str, follow: bool, as_json: bool) -> None:
    for line in _lines(gateway, id, follow):
        if as_json:
            console.say_json(line)
        else:
            console.say(f"{console.dim(line['step'] + ' |')} {line['message']}")


def _show_process_log(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        console.say_json(answer)
        return
    for line in answer["lines"]:
        console.say(line)
    if not answer["lines"]:
        console.note(f"{answer['process']} has written nothing.")


def _follow_process_log(gateway: Gateway, id: str, process: str, lines: int, as_json: bool) -> None:
    """Until it is interrupted."""

    def end_of_log() -> Sequence[str]:
        end: Sequence[str] = gateway.process_log(id, process, WINDOW)["lines"]
        return end

    for line in followed(end_of_log, lines):
        if as_json:
            console.say_json({"process": process, "line": line})
        else:
            console.say(line)


def _lines(gateway: Gateway, id: str, follow: bool) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        answer = gateway.logs(id, after)
        yield from answer["lines"]
        if not follow or (answer["state"] in ENDED and not answer["lines"]):
            return
        after = answer["next"]
        time.sleep(0 if answer["lines"] else 0.5)
