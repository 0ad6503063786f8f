"""`mlops offers`"""

from pathlib import Path
from typing import Any

import click

from cli.actions.catalogs import catalog_folder, dir_option
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops offers                                       all that is listed, best value first
    mlops offers --gpu H100 --memory 80 --max-hourly 3
    mlops offers --gpu A100 --count 2 --all            and why the others do not fit
    mlops offers --region eu --spot --json
    mlops offers --live --gpu L4 --spot                what providers have now, bids included
    mlops offers --gpu H100 --all --gpuhunt ./catalog  beside AWS, Azure and Google Cloud
    """
)
@click.command("offers", short_help="Tell who rents out which GPU, and for how much.")
@click.option("--gpu", default="", metavar="MODEL", help="As H100, or as H100 SXM.")
@click.option("--memory", type=click.FloatRange(0), default=0, help="GB of each GPU, at least.")
@click.option("--count", type=click.IntRange(1, 16), default=1, help="GPUs in one machine.")
@click.option("--region", default="", help="Of a provider, or a jurisdiction as EU or US.")
@click.option("--max-hourly", type=click.FloatRange(0), help="USD an hour, at most.")
@click.option("--spot", is_flag=True, help="Machines too that their provider may take back.")
@click.option("--live", is_flag=True, help="What providers offer now, asked by the platform.")
@click.option("--all", "with_refused", is_flag=True, help="Those too that do not fit, and why.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, help="So many rows at most.")
@click.option("--baseline", default="", metavar="PROVIDER", help="Compare with AWS, for example.")
@click.option(
    "--gpuhunt",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="gpuhunt's aws.csv, azure.csv, gcp.csv: list prices to compare with.",
)
@dir_option
@json_option
def command(
    gpu: str,
    memory: float,
    count: int,
    region: str,
    max_hourly: float | None,
    spot: bool,
    live: bool,
    with_refused: bool,
    limit: int,
    baseline: str,
    gpuhunt: Path | None,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Tell who rents out which GPU for how much: least money for the same work first.

    From the catalog's newest price file, which is no promise that one is free; --live asks the
    providers whose keys are stored, and says who was not asked. Nothing is rented.
    Nothing is deployed at AWS, Azure and Google Cloud: their list prices are what is compared
    with, and --all shows them. Exit code 2 when nothing fits.
    """
    wanted = {
        "gpu": gpu,
        "gpu_memory_gb": memory,
        "gpus": count,
        "regions": (region,) if region else (),
        "max_hourly_usd": max_hourly,
        "spot": spot,
    }
    if live:
        return _live(wanted, limit, with_refused, as_json, bool(baseline or gpuhunt or folder))
    told = _ranked(wanted, limit, catalog_folder(folder), baseline, gpuhunt)
    if as_json:
        console.say_json(told)
    else:
        from cli.terminal.offers import lines

        console.say("\n".join(lines(told, with_refused)))
    return 0 if told["candidates"] else 2


def _live(
    wanted: dict[str, Any], limit: int, with_refused: bool, as_json: bool, is_of_file: bool
) -> int:
    from cli.clients.gateway import find_gateway
    from cli.platform.home import Home
    from cli.terminal.offers import live_lines

    if is_of_file:
        raise click.UsageError(
            "--baseline, --gpuhunt and --dir are of list prices: not with --live"
        )
    found = find_gateway(Home.from_environment()).offers_now(_said(wanted))
    for kind in ("candidates", "refused"):
        found[kind] = found[kind][:limit]
    if as_json:
        console.say_json(found)
    else:
        console.say("\n".join(live_lines(found, with_refused)))
    return 0 if found["candidates"] else 2


def _said(wanted: dict[str, Any]) -> dict[str, Any]:
    """As a query, which has no word for nothing."""
    return {name: value for name, value in wanted.items() if value not in (None, "", ())}


def _ranked(
    wanted: dict[str, Any], limit: int, catalog: Path, baseline: str, gpuhunt: Path | None
) -> dict[str, Any]:
    from datetime import UTC, datetime

    from cli.actions.listing.offers import best, listed
    from windmill.scripts.model.cost.optimizer import Constraints
    from windmill.scripts.model.cost.price_files import read_prices
    from windmill.scripts.model.cost.prices import age_days

    prices, file = read_prices(catalog)
    constraints = Constraints.model_validate(wanted)
    others = listed(prices.baselines, baseline, gpuhunt)
    found = best(prices.rented(constraints.gpus), constraints, others, limit, prices.sources)
    age = age_days(prices.as_of, datetime.now(UTC).date())
    told = {"file": file, "as_of": prices.as_of, "age_days": age}
    return {"prices": told, **found}
