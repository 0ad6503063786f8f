"""`mlops kpis`"""

from collections.abc import Iterator
from typing import Any

import click

from cli.clients.gateway import find_gateway
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option

HEADINGS = ["", "NOW", "AIMED AT", "OF", ""]
WORDS = {True: "met", False: "missed", None: "unknown"}


@examples(
    """
    mlops kpis
    mlops kpis --days 7 --json | jq '.kpis[] | {name, value, aim}'
    """
)
@click.command("kpis", short_help="Tell how well the platform did, beside its aims.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 400))
@json_option
def command(days: int, as_json: bool) -> None:
    """Tell how well the platform did, beside what is aimed at."""
    found = find_gateway(Home.from_environment()).kpis(days)
    if as_json:
        console.say_json(found)
        return
    console.say(console.table([_row(kpi) for kpi in found["kpis"]], HEADINGS))
    for line in _unknown(found["kpis"]):
        console.note(line)


def _row(kpi: dict[str, Any]) -> list[str]:
    unit, than = kpi["unit"], "at most" if kpi["at_most"] else "at least"
    value = "-" if kpi["value"] is None else f"{kpi['value']:.4g} {unit}"
    return [kpi["title"], value, f"{than} {kpi['aim']:g} {unit}", str(kpi["of"]), WORDS[kpi["met"]]]


def _unknown(kpis: list[dict[str, Any]]) -> Iterator[str]:
    for kpi in kpis:
        if kpi["unknown_because"]:
            yield f"{kpi['title']}: {kpi['unknown_because']}. {kpi['fix']}".rstrip()
