"""`mlops catalog cost`"""

from pathlib import Path
from typing import Any

import click

from cli.actions.catalogs import catalog_folder, dir_option, find_entry, sound
from cli.actions.deploying import TARGETS, parse_settings
from cli.actions.listing.completing import entries
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops catalog cost rag-chatbot                     an hour on each target
    mlops catalog cost support-desk --target runpod    an hour and a run, with the offers taken
    mlops catalog cost support-desk --set regions='["eu","us"]' --json
    """
)
@click.command("cost", short_help="Tell what an entry costs, at every level.")
@click.argument("entry", shell_complete=entries)
@click.option("--target", type=click.Choice(TARGETS), help="All that is left open runs there.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="An input.")
@click.option("--depth", type=click.IntRange(0), help="Levels to show; all when left out.")
@click.option("--offers", "with_offers", is_flag=True, help="All offers, and why some do not fit.")
@dir_option
@json_option
def command(
    entry: str,
    target: str | None,
    settings: tuple[str, ...],
    depth: int | None,
    with_offers: bool,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Tell what an entry costs, at every level, and whether it keeps its budgets.

    Exit code 2 when it goes over a budget, whichever target is chosen.
    """
    told = _report(entry, target, settings, depth, folder)
    if as_json:
        console.say_json(told)
    else:
        from cli.terminal.costs import lines

        console.say("\n".join(lines(told, with_offers)))
    return 0 if told["within"] else 2


def _report(
    name: str,
    target: str | None,
    settings: tuple[str, ...],
    depth: int | None,
    folder: Path | None,
) -> dict[str, Any]:
    from datetime import UTC, datetime

    from windmill.scripts.model.base.target import Target
    from windmill.scripts.model.cost.cost_report import report
    from windmill.scripts.model.cost.price_files import read_prices
    from windmill.scripts.model.cost.prices import age_days
    from windmill.scripts.model.entry.javascript import Literal

    catalog = sound(folder)
    entry = find_entry(catalog, name)
    prices, file = read_prices(catalog_folder(folder))
    given = {k: Literal(v) for k, v in parse_settings(settings, entry.inputs).items()}
    today = datetime.now(UTC).date()
    chosen = Target(target) if target else None
    told = report(catalog, entry.key, prices, today, given, chosen, depth)
    age = age_days(prices.as_of, today)
    return {**told, "prices": {"file": file, "as_of": prices.as_of, "age_days": age}}
