"""`mlops deploy`"""

import time
from contextlib import suppress
from typing import Any

import click

from cli.actions.asking.served import served_by
from cli.actions.deploying import TARGETS, request_body
from cli.actions.listing.completing import entries
from cli.actions.spending import with_permission
from cli.clients.gateway import Gateway, find_gateway, follow
from cli.clients.tunnel import place_lines
from cli.errors import DeploymentFailed, Refused
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.asking.next_steps import after_plan, next_lines
from cli.terminal.options import examples, json_option, yes_option
from cli.terminal.outputs import cost_lines, is_whole, notice_lines, whole_lines
from cli.terminal.progress import progress, reason

CLEANUP = {
    "removed": "What had been created was removed.",
    "kept": "The revision before goes on running.",
    "nothing": "Nothing had been created.",
}
PLANNED = {"nothing": 0, "create": 2, "update": 2, "refused": 1}


@examples(
    """
    mlops deploy rag-chatbot --target local --set documents=./handbook
    mlops deploy rag-chatbot --target local --set documents=./law --name law-desk
    mlops deploy rag-chatbot --target auto --set documents=./law --plan
    mlops deploy vllm-serving --target runpod --max-hourly 0.80
    mlops deploy ./my-pipeline.yaml --target local --yes --json
    mlops deploy vllm-serving --target auto --approve --no-wait
    mlops deploy rag-chatbot --target local --set documents=./handbook --no-wait
    mlops deploy support-desk --target local --set documents=./handbook --set tickets=t.csv --plan
    """
)
@click.command("deploy", short_help="Deploy a pipeline or meta-pipeline of the catalog.")
@click.argument("entry", metavar="ENTRY|FILE.yaml", shell_complete=entries)
@click.option("--target", type=click.Choice(TARGETS), help="Where it runs; asked when left out.")
@click.option("--name", help="Name of the deployment; the pipeline's own when left out.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="An input.")
@click.option(
    "--max-hourly",
    type=click.FloatRange(min=0),
    metavar="USD",
    help="All of it together may cost this.",
)
@click.option("--wait/--no-wait", default=True, help="Stay until it is live.")
@click.option("--plan", "only_plan", is_flag=True, help="Tell what would be done; do nothing.")
@click.option("--approve", is_flag=True, help="The run waits for `mlops approve` after its plan.")
@yes_option
@json_option
def command(
    entry: str,
    target: str | None,
    name: str | None,
    settings: tuple[str, ...],
    max_hourly: float | None,
    wait: bool,
    only_plan: bool,
    approve: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Deploy a pipeline or meta-pipeline of the catalog, or a pipeline from a file.

    Deploying it again under the same name changes only what differs. What costs money is asked
    for first, unless --max-hourly, --yes or a budget of the entry allows it. With --approve the run
    itself asks, whatever it costs, and waits a day. Exit codes of --plan: 0 nothing would change,
    2 something would, 1 it would be refused.
    """
    gateway = find_gateway(Home.from_environment())
    body = request_body(
        gateway, entry, settings, target, name, may_ask=console.can_ask() and not yes
    )
    if max_hourly is not None:
        body["max_hourly_usd"] = max_hourly
    if only_plan:
        typed = _typed(entry, target, settings, name, max_hourly)
        return show_plan(gateway.plan(body, terraform=True), typed, as_json)
    permitted = {**body, "approve": True} if approve else with_permission(gateway, body, yes)
    if permitted is None:
        console.note("Nothing was rented or changed.")
        return 2
    body = permitted
    tell(gateway, deploy(gateway, body, wait, as_json), wait, as_json)
    return 0


def show_plan(plan: dict[str, Any], command: list[str], as_json: bool) -> int:
    """The exit code. `command` deploys it."""
    from cli.terminal.plans import lines

    if as_json:
        console.say_json(plan)
        return PLANNED[plan["action"]]
    console.say("\n".join(lines(plan)))
    if following := after_plan(plan, command):
        console.say(f"Next: {following}")
    return PLANNED[plan["action"]]


def _typed(
    entry: str,
    target: str | None,
    settings: tuple[str, ...],
    name: str | None,
    max_hourly: float | None,
) -> list[str]:
    """What deploys it, without what was asked for."""
    options = {"--target": target, "--name": name, "--max-hourly": max_hourly}
    given = [part for flag, value in options.items() if value is not None
             for part in (flag, str(value))]  # fmt: skip
    told = [part for setting in settings for part in ("--set", setting)]
    return ["mlops", "deploy", entry, *given, *told]


def deploy(gateway: Gateway, body: dict[str, Any], wait: bool, as_json: bool) -> dict[str, Any]:
    """The last status. Raises DeploymentFailed."""
    return settled(gateway, gateway.deploy(body), wait, as_json)


def settled(
    gateway: Gateway, accepted: dict[str, Any], wait: bool, as_json: bool
) -> dict[str, Any]:
    """The last status of what was started. Raises DeploymentFailed."""
    began = time.monotonic()
    if not wait:
        return dict(accepted)
    status = watch(gateway, accepted, as_json)
    status["total_seconds"] = round(time.monotonic() - began, 3)
    if status["state"] != "live":
        raise _failed(status)
    return status


def watch(gateway: Gateway, accepted: dict[str, Any], as_json: bool) -> dict[str, Any]:
    status: dict[str, Any] = {}
    try:
        with progress(as_json) as shown:
            for status in follow(gateway, accepted["id"]):
                shown.show(status)
    except KeyboardInterrupt:
        console.note(f"{accepted['name']} goes on being deployed.")
        console.note(f"  watch it: mlops status {accepted['id']}")
        console.note(f"  stop it:  mlops destroy {accepted['id']}")
        raise
    return status


def tell(gateway: Gateway, status: dict[str, Any], wait: bool, as_json: bool) -> None:
    if as_json:
        console.say_json(status)
    elif wait:
        print_result(gateway, status)
    else:
        console.say(f"Started {status['name']}: mlops status {status['id']}")


def print_result(gateway: Gateway, status: dict[str, Any]) -> None:
    console.say()
    total = console.seconds(status["total_seconds"])
    if status["changed"] is False:
        console.say(f"{console.bold(status['name'])}: nothing changed ({total}).")
    else:
        console.say(f"{console.bold(status['name'])} is live in {total}.")
    if is_whole(status):
        for line in [*whole_lines(status), *cost_lines(status)]:
            console.say(line)
        console.say()
        console.say(f"Next: mlops status {status['name']}, or mlops destroy {status['name']}")
        return
    for name, url in {"endpoint": status["endpoint_url"], **status["urls"]}.items():
        console.say(f"  {name:14} {url}")
    for line in [*cost_lines(status), *place_lines(status), *notice_lines(status)]:
        console.say(line)
    console.say()
    lines = [*next_lines(status["name"], served_by(gateway, status))]
    either = "or " if lines else ""
    for number, line in enumerate([*lines, either + page_hint(gateway, status)]):
        console.say(f"{'      ' if number else 'Next: '}{line}")


def page_hint(gateway: Gateway, status: dict[str, Any]) -> str:
    """The link bears the key, which is for a person's eyes and no log."""
    with suppress(Refused):  # a deployment is live whether or not its key may be seen
        if console.is_terminal():
            return f"its page: {gateway.key(status['id'])['page']}"
    return f"its page, with its key: mlops key {status['name']} --link"


def _failed(status: dict[str, Any]) -> DeploymentFailed:
    error = status.get("error") or {}
    logs = f"logs: mlops logs {status['id']}"
    cleanup = CLEANUP.get(error.get("cleanup") or "", "")
    return DeploymentFailed(
        name=status["name"],
        message=reason(error) if error else f"it is {status['state']}",
        where="\n  ".join(filter(None, (error.get("where"), cleanup, logs))),
        fix=error.get("fix", ""),
    )
