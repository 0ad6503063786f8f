"""`mlops resources`"""

import os
import time
from typing import Any

import click

from cli.terminal import console
from cli.terminal.options import examples

EVERY_SECONDS = 2.0


@examples(
    """
    mlops resources
    mlops resources --watch
    mlops resources --json | jq .busy
    """
)
@click.command("resources", short_help="Show how busy this machine is.")
@click.option("--watch", "-w", is_flag=True, help="Go on until interrupted.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document a look.")
def command(watch: bool, as_json: bool) -> None:
    """Show how busy this machine is, and whether heavy steps would wait for it."""
    from cli.actions.load import look

    while True:
        measured = look(os.environ)
        if as_json:
            console.say_json(measured)
        else:
            _print(measured)
        if not watch:
            return
        time.sleep(EVERY_SECONDS)


def _print(measured: dict[str, Any]) -> None:
    limits = measured["limits"]
    colour = "yellow" if measured["busy"] else "green"
    verdict = "busy: heavy steps wait" if measured["busy"] else "free"
    of_all = f"{measured['cpu_percent']:.0f} % of {measured['cpus']}"
    cpu = f"CPU {of_all} (limit {limits['cpu_percent']:g} %)"
    load = f"load {measured['load_average']:.1f} (limit {limits['load_average']:g})"
    memory = f"memory {measured['memory_used_gb']:.1f} of {measured['memory_total_gb']:.1f} GB"
    console.say(f"{console.styled(verdict, fg=colour)}  {cpu}  {load}  {memory}")
