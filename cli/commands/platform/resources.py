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
@click.command("resources")
@click.option("--watch", "-w", is_flag=True, help="Go on until interrupted.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document a look.")
def command(watch: bool, as_json: bool) -> None:
    """Show how busy this machine is, and whether heavy steps would wait for it."""
    from cli.actions.load import look

    while True:
        found = look(os.environ)
        if as_json:
            console.say_json(found)
        else:
            _print(found)
        if not watch:
            return
        time.sleep(EVERY_SECONDS)


def _print(found: dict[str, Any]) -> None:
    limits = found["limits"]
    colour = "yellow" if found["busy"] else "green"
    verdict = "busy: heavy steps wait" if found["busy"] else "free"
    cpu = f"CPU {found['cpu_percent']:.0f} % of {found['cpus']} (limit {limits['cpu_percent']:g} %)"
    load = f"load {found['load_average']:.1f} (limit {limits['load_average']:g})"
    memory = f"memory {found['memory_used_gb']:.1f} of {found['memory_total_gb']:.1f} GB"
    console.say(f"{console.styled(verdict, fg=colour)}  {cpu}  {load}  {memory}")
