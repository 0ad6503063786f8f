"""`mlops scale`"""

import click

from cli.actions.listing.completing import deployments
from cli.clients.gateway import find_gateway
from cli.commands.deployments.deploy import settled, show_plan, tell
from cli.platform.home import Home
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops scale churn 3 --plan
    mlops scale churn 3
    mlops scale churn 1 --no-wait --json
    """
)
@click.command("scale", short_help="Run several copies of what is live.")
@click.argument("id", shell_complete=deployments)
@click.argument("replicas", type=click.IntRange(min=1))
@click.option("--wait/--no-wait", default=True, help="Stay until it is live.")
@click.option("--plan", "only_plan", is_flag=True, help="Tell what would be done; do nothing.")
@json_option
def command(id: str, replicas: int, wait: bool, only_plan: bool, as_json: bool) -> int:
    """Run so many copies of what is live, behind its one address.

    It is a revision like any other: later deploys keep the number, `mlops rollback` undoes it.
    Targets k3s, local and ssh run several; what holds data of its own is refused. Exit codes of
    --plan: 0 nothing would change, 2 something would, 1 it would be refused.
    """
    gateway = find_gateway(Home.from_environment())
    if only_plan:
        again = ["mlops", "scale", id, str(replicas)]
        return show_plan(gateway.plan_scale(id, replicas), again, as_json)
    status = settled(gateway, gateway.scale(id, replicas), wait, as_json)
    tell(gateway, status, wait, as_json)
    return 0
