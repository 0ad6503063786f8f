"""`mlops status`"""

from typing import Any

import click

from cli.actions.asking.served import served_by
from cli.actions.listing.completing import deployments
from cli.clients.gateway import Gateway, find_gateway, follow
from cli.clients.tunnel import place_lines
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.asking.next_steps import after_status
from cli.terminal.options import examples, json_option
from cli.terminal.outputs import cost_lines, notice_lines, terraform_lines, whole_lines
from cli.terminal.progress import plain_line, progress, reason, waiting_lines

ENDED_WELL = {"live", "destroyed"}
GOOD = {"live": "green", "failed": "red", "degraded": "red"}


@examples(
    """
    mlops status rag-chatbot
    mlops status rag-chatbot --json | jq .steps
    mlops status rag-chatbot --watch              each step as it happens, until the run has ended
    mlops status rag-chatbot --watch --json       the status again whenever it changes, one a line
    """
)
@click.command("status", short_help="Show a deployment or run: state, steps, result.")
@click.argument("id", shell_complete=deployments)
@click.option("--watch", is_flag=True, help="Stay until the run has ended.")
@json_option
def command(id: str, watch: bool, as_json: bool) -> int:
    """Show a deployment or run: its state, steps and addresses.

    With --watch the exit code is 1 when it ended neither live nor destroyed.
    """
    gateway = find_gateway(Home.from_environment())
    if watch:
        return _watch(gateway, id, as_json)
    status = gateway.status(id)
    if as_json:
        console.say_json(status)
    else:
        _print(gateway, status)
    return 0


def _watch(gateway: Gateway, id: str, as_json: bool) -> int:
    status: dict[str, Any] = {}
    with progress(as_json) as shown:
        for told in follow(gateway, id):
            if as_json and told != status:
                console.say_json(told)
            shown.show(told)
            status = told
    if not as_json:
        _print(gateway, status)
    return 0 if status["state"] in ENDED_WELL else 1


def _print(gateway: Gateway, status: dict[str, Any]) -> None:
    state = console.styled(status["state"], fg=GOOD.get(status["state"]), bold=True)
    revision = f", revision {status['revision']}" if status["revision"] else ""
    target = f" on {status['target']}" if status["target"] else ""
    several = (status.get("replicas") or 1) > 1
    copies = f", {status['replicas']} replicas" if several else ""
    console.say(f"{console.bold(status['name'])}  {state}{target}{revision}{copies}")
    for step in status["steps"]:
        console.say(f"  {plain_line(step)}")
    for name, url in status["urls"].items():
        console.say(f"  {name:14} {url}")
    if status["endpoint_url"]:
        console.say(f"  {'key':14} mlops key {status['name']}")
    for line in [*cost_lines(status), *terraform_lines(status)]:
        console.say(line)
    for line in [*place_lines(status), *whole_lines(status), *notice_lines(status)]:
        console.say(line)
    if status["error"]:
        console.say(f"  error: {reason(status['error'])}")
        for told in ("where", "fix"):
            if status["error"][told]:
                console.say(f"  {status['error'][told]}")
        console.say(f"  logs: mlops logs {status['id']}")
    for line in waiting_lines(status):
        console.say(line)
    served = served_by(gateway, status) if status["state"] == "live" else {}
    if following := after_status(status, served):
        console.say(f"Next: {following}")
