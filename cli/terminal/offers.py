"""Offers as a person reads them."""

from collections.abc import Iterator
from typing import Any

from cli.terminal import console
from windmill.scripts.model.cost.prices import shown

Doc = dict[str, Any]
COLUMNS = ["PROVIDER", "OFFER", "GPU", "REGION", "USD AN HOUR", "PRICE FROM", ""]


def lines(told: Doc, with_refused: bool) -> Iterator[str]:
    prices, refused = told["prices"], told["refused"]
    age = f"{prices['age_days']} days old" if prices["age_days"] else "of today"
    yield console.dim(f"list prices: {prices['file']}, {age}")
    if told["candidates"]:
        yield console.table([_row(each) for each in told["candidates"]], COLUMNS)
    else:
        yield "Nothing that is listed fits."
    if with_refused and refused:
        yield f"\n{console.bold('refused')}"
        yield console.table([_row(each) for each in refused], COLUMNS)
    elif refused:
        yield f"{len(refused)} do not fit: --all tells why."


def _row(each: Doc) -> list[str]:
    offer = each["offer"]
    gpu = f"{offer['gpus']} × {offer['gpu']} {offer['gpu_memory_gb']:g} GB" if offer["gpu"] else ""
    where = offer["region"] or offer["jurisdiction"] or "–"
    price = shown(offer["hourly_usd"])
    return [offer["target"], offer["name"], gpu, where, price, offer["read_on"], each["reason"]]
