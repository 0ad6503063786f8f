"""`mlops orphans`"""

from typing import Any

import click

from cli.clients.gateway import find_gateway
from cli.errors import NotConfirmed
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option, yes_option


@examples(
    """
    mlops orphans                  what is rented and serves nobody, with its price
    mlops orphans --end            end it, after a question
    mlops orphans --end --yes --json
    """
)
@click.command("orphans", short_help="Find rented machines that no deployment uses.")
@click.option("--end", is_flag=True, help="End them, and wait until they are gone.")
@yes_option
@json_option
def command(end: bool, yes: bool, as_json: bool) -> int:
    """Find rented machines that no deployment uses: they cost money.

    Looks at every provider whose key is stored, for machines that bear this installation's name;
    those of others are never touched. Ends nothing without --end. Tells which deployments lost
    theirs, as spot machines may be. Exit code 2 when some are left or lost, 1 when a provider
    could not be asked.
    """
    gateway = find_gateway(Home.from_environment())
    found = gateway.orphans()
    if end and found["orphans"]:
        if not as_json:
            _show(found)
        if not yes and not _confirmed(found):
            console.note("Nothing was ended.")
            return 2
        found = gateway.end_orphans([each["machine"] for each in found["orphans"]])
    return _told(found, as_json)


def _confirmed(found: dict[str, Any]) -> bool:
    if not console.can_ask():
        raise NotConfirmed
    return click.confirm(f"End {_count(found)}?", err=True)


def _told(found: dict[str, Any], as_json: bool) -> int:
    left = [each for each in found["orphans"] if each["machine"] not in found["ended"]]
    if as_json:
        console.say_json(found)
    elif found["ended"]:
        console.say(f"Gone: {', '.join(found['ended'])}")
    elif left:
        _show(found)
        console.say("End them: mlops orphans --end")
    elif found["looked_at"]:
        console.say(f"No orphans at {', '.join(found['looked_at'])}.")
    elif not found["not_asked"]:
        console.say("No provider's key is stored, so nothing was looked at.")
        console.say("Store one: mlops provider-key runpod")
    lost = found.get("lost", [])
    for each in lost:
        console.note(
            f"{each['deployment_id']} lost its machine {each['machine_id']} at "
            f"{each['provider']}: {each['reason']}. Deploying it again rents another."
        )
    for provider, why in found["not_asked"].items():
        console.note(f"{provider} could not be asked, and may hold some: {why}")
    return 2 if left or lost else 1 if found["not_asked"] else 0


def _show(found: dict[str, Any]) -> None:
    rows = [
        [
            each["provider"],
            each["machine"],
            f"{each['hourly_usd']:.2f}",
            each["deployment_id"],
            each["reason"],
        ]
        for each in found["orphans"]
    ]
    console.say(console.table(rows, ["PROVIDER", "MACHINE", "USD/H", "DEPLOYMENT", "WHY"]))
    console.say(f"{_count(found)}, {found['hourly_usd']:.2f} USD per hour together")


def _count(found: dict[str, Any]) -> str:
    count = len(found["orphans"])
    return "1 machine" if count == 1 else f"{count} machines"
