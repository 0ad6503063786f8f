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
    if told["fitting"] > len(told["candidates"]):
        yield f"and {told['fitting'] - len(told['candidates'])} more that fit: --limit shows them."
    if with_refused:
        yield from _others(told)
    elif refused:
        yield f"{told['others']} do not fit: --all tells why."


def live_lines(told: Doc, with_refused: bool) -> Iterator[str]:
    if told["candidates"]:
        yield console.table([_row(each) for each in told["candidates"]], COLUMNS)
    else:
        yield "Nothing that is offered now fits."
    if told["fitting"] > len(told["candidates"]):
        yield f"and {told['fitting'] - len(told['candidates'])} more that fit."
    if with_refused:
        yield from _others({**told, "listed": ()})
    elif told["others"]:
        yield f"{told['others']} do not fit: --all tells why."
    for provider, why in told["not_asked"].items():
        yield console.dim(f"{provider}: list prices, for it was not asked. {why}")


def _others(told: Doc) -> Iterator[str]:
    if refused := told["refused"]:
        yield f"\n{console.bold('refused')}"
        yield console.table([_row(each) for each in refused], COLUMNS)
    if told["others"] > len(refused):
        yield f"and {told['others'] - len(refused)} more."
    if listed := told["listed"]:
        yield f"\n{console.bold('to compare with: nothing is deployed there yet')}"
        yield console.table([_listed(each) for each in listed], COLUMNS)


def _listed(each: Doc) -> list[str]:
    gpu = f"{each['gpus']} × {each['gpu']} {each['gpu_memory_gb']:g} GB"
    spot = "spot" if each["spot"] else "on demand"
    price = shown(each["hourly_usd"])
    return [
        each["provider"],
        each["name"],
        gpu,
        each["region"],
        price,
        each["read_on"] or each["source"],
        spot,
    ]


def _row(each: Doc) -> list[str]:
    offer = each["offer"]
    gpu = f"{offer['gpus']} × {offer['gpu']} {offer['gpu_memory_gb']:g} GB" if offer["gpu"] else ""
    where = offer["region"] or offer["jurisdiction"] or "–"
    price = shown(offer["hourly_usd"])
    return [offer["target"], offer["name"], gpu, where, price, offer["read_on"], each["reason"]]
