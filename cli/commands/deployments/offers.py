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
    """
)
@click.command("offers")
@click.option("--gpu", default="", metavar="MODEL", help="As H100, or as H100 SXM.")
@click.option("--memory", type=click.FloatRange(0), default=0, help="GB of each GPU, at least.")
@click.option("--count", type=click.IntRange(1, 16), default=1, help="GPUs in one machine.")
@click.option("--region", default="", help="Of a provider, or a jurisdiction as EU or US.")
@click.option("--max-hourly", type=click.FloatRange(0), help="USD an hour, at most.")
@click.option("--spot", is_flag=True, help="Machines too that their provider may take back.")
@click.option("--all", "with_refused", is_flag=True, help="Those too that do not fit, and why.")
@dir_option
@json_option
def command(
    gpu: str,
    memory: float,
    count: int,
    region: str,
    max_hourly: float | None,
    spot: bool,
    with_refused: bool,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Tell who rents out which GPU for how much: least money for the same work first.

    From the catalog's newest price file, which is no promise that one is free. Nothing is rented.
    Exit code 2 when nothing fits.
    """
    wanted = {
        "gpu": gpu,
        "gpu_memory_gb": memory,
        "gpus": count,
        "region": region,
        "max_hourly_usd": max_hourly,
        "spot": spot,
    }
    told = _ranked(wanted, catalog_folder(folder))
    if as_json:
        console.say_json(told)
    else:
        from cli.terminal.offers import lines

        console.say("\n".join(lines(told, with_refused)))
    return 0 if told["candidates"] else 2


def _ranked(wanted: dict[str, Any], catalog: Path) -> dict[str, Any]:
    from datetime import UTC, datetime

    from windmill.scripts.model.cost.optimizer import Constraints, rank
    from windmill.scripts.model.cost.price_files import read_prices
    from windmill.scripts.model.cost.prices import age_days

    prices, file = read_prices(catalog)
    constraints = Constraints.model_validate(wanted)
    ranking = rank(prices.rented(constraints.gpus), constraints, prices.baselines)
    age = age_days(prices.as_of, datetime.now(UTC).date())
    listed = {"file": file, "as_of": prices.as_of, "age_days": age}
    return {"prices": listed, **ranking.model_dump(mode="json")}
