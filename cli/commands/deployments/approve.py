"""`mlops approve`"""

from typing import Any

import click

from cli.actions.listing.completing import deployments
from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops approve release-with-approval
    mlops approve 5f0c2a4e-8a55-4e0c-9d0e-2f6a0a2f3b11 --refuse
    mlops approve house --step eu/publish:approval
    """
)
@click.command("approve")
@click.argument("id", shell_complete=deployments)
@click.option("--refuse", is_flag=True, help="End the run instead.")
@click.option("--step", help="Which question is answered, where several are asked.")
@json_option
def command(id: str, refuse: bool, step: str | None, as_json: bool) -> None:
    """Let a run go on that waits for an approval."""
    gateway = find_gateway(Home.from_environment())
    if not as_json:
        _show(gateway.status(id), step)
    accepted = gateway.approve(id, not refuse, step)
    if as_json:
        console.say_json({**accepted, "approved": not refuse})
    elif refuse:
        console.say(f"{accepted['name']} is refused: it ends here.")
    else:
        console.say(f"{accepted['name']} goes on: mlops status {accepted['id']}")


def _show(status: dict[str, Any], step: str | None) -> None:
    """What is answered, with what goes on once it is approved."""
    for question in status["questions"]:
        if question["asks"] == "approval" and step in (None, question["step"]):
            for line in [question["message"], *(f"  {each}" for each in question.get("plan", ()))]:
                console.note(line)
