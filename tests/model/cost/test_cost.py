"""What entries cost: cases in cost_cases.yaml, and a naive sum over random catalogs."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.naive import Naive
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog, read_entry
from windmill.scripts.model.cost.cost import Cost, estimate
from windmill.scripts.model.cost.cost_report import report
from windmill.scripts.model.cost.prices import Prices
from windmill.scripts.model.drawing.pipeline import Compute
from windmill.scripts.model.entry.entry import Entry

Doc = dict[str, Any]
CASES = yaml.safe_load((Path(__file__).parent / "cost_cases.yaml").read_text())
TODAY = date(2026, 11, 25)
PRICES = Prices.model_validate(
    {
        "as_of": "2026-11-09",
        "sources": {"list": {"what": "a price list", "read_on": "2026-11-05"}},
        "offers": [
            {"target": "runpod", "name": name, "gpu": gpu, "gpu_memory_gb": memory}
            | {"hourly_usd": price, "per_gpu": True, "source": "list"}
            for name, gpu, memory, price in (("big", "H100 SXM", 80, 2.0), ("small", "L4", 24, 1.0))
        ]
        + [
            {"target": "vastai", "name": "market", "gpu": "H100 SXM", "gpu_memory_gb": 80}
            | {"hourly_usd": 3.0, "source": "list"}
        ],
        "disks": [{"target": "runpod", "usd_per_gb_month": 0.1, "source": "list"}],
    }
)


def catalog_of(documents: list[Doc]) -> Catalog:
    catalog = Catalog()
    for document in documents:
        entry, source = read_entry(yaml.safe_dump(document), f"catalog/{document['name']}.yaml")
        catalog = catalog.with_entry(entry, source)
    return catalog


def key_of(document: Doc) -> str:
    return f"{document['kind']}s/{document['name']}"


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_costs_and_budgets(case: Doc) -> None:
    catalog = catalog_of(case["entries"])
    target = Target(case["target"]) if case["target"] else None
    found = report(catalog, key_of(case["entries"][-1]), PRICES, TODAY, target=target)
    tree = found["targets"][case["target"]]
    assert tree["hourly_usd"] == pytest.approx(case["hourly"])
    assert tree["run_usd"] == case.get("run", tree["run_usd"])
    assert tree["unpriced"] == case.get("unpriced", [])
    assert tree["endless"] == case.get("endless", False)
    over = [(o["level"], o["field"], o["over_by_usd"]) for o in tree["over"]]
    assert over == [(o["level"], o["field"], o["by"]) for o in case.get("over", [])]
    assert found["within"] == (not over)


def test_an_open_target_is_priced_on_each_candidate_and_one_within_is_enough() -> None:
    document: Doc = {"kind": "pipeline", "name": "p", "targets": ["runpod", "vastai"]}
    document |= {"graph": {"nodes": [{"id": "a", "component": "x"}]}}
    document |= {"compute": {"gpu": {"memory_gb": 80}}, "budget": {"max_hourly_usd": 2.5}}
    found = report(catalog_of([document]), "pipelines/p", PRICES, TODAY)
    assert {name: tree["hourly_usd"] for name, tree in found["targets"].items()} == {
        "runpod": 2.0,
        "vastai": 3.0,
    }
    assert [tree["within"] for tree in found["targets"].values()] == [True, False]
    assert found["within"]


def test_a_price_says_where_it_is_from_and_how_old_it_is() -> None:
    found = report(catalog_of(CASES[0]["entries"]), "pipelines/small", PRICES, TODAY)
    offer = found["targets"]["runpod"]["offer"]
    assert (offer["source"], offer["read_on"], offer["age_days"]) == (
        "a price list",
        "2026-11-05",
        20,
    )
    told = {offer["name"]: offer.get("unfit", "") for offer in found["needs"][0]["offers"]}
    assert told == dict.fromkeys(told, "")
    wanting = report(catalog_of(CASES[3]["entries"]), "pipelines/two", PRICES, TODAY)
    unfit = {o["name"]: o["unfit"] for o in wanting["needs"][0]["offers"] if "unfit" in o}
    assert unfit == {
        "2 × small": "24 GB of GPU memory, 80 are needed",
        "market": "1 GPU, 2 are needed",
    }


COMPUTES = [{"gpu": {"memory_gb": m, "count": c}} for m in (20, 60) for c in (1, 2)]
TARGETS = ["local", "runpod", "vastai"]


@st.composite
def leaves(draw: st.DrawFn, number: int) -> Doc:
    document: Doc = {"kind": "pipeline", "name": f"leaf-{number}"}
    document |= {"graph": {"nodes": [{"id": "a", "component": "x"}]}}
    document |= {"compute": draw(st.sampled_from(COMPUTES)), "inputs": {"items": {}}}
    if draw(st.integers(0, 2)):
        document["hours"] = draw(st.sampled_from([0.1, 0.3, 2]))
    if draw(st.integers(0, 3)) == 0:
        document["target"] = draw(st.sampled_from(TARGETS))
    return document


@st.composite
def steps(draw: st.DrawFn, id: str, uses: list[str]) -> Doc:
    made: Doc = {"id": id, "use": draw(st.sampled_from(uses))}
    items = st.lists(st.sampled_from([*TARGETS, 1]), max_size=3)
    given: Doc = {"items": draw(st.one_of(st.just("${inputs.items}"), items))}
    if draw(st.booleans()):
        made["for_each"] = draw(st.one_of(st.just("${inputs.items}"), items))
        if isinstance(made["for_each"], list) and 1 not in made["for_each"]:
            given["target"] = draw(st.sampled_from(["${each.value}", "${inputs.target}"]))
    if draw(st.integers(0, 3)) == 0:
        given["target"] = draw(st.sampled_from(TARGETS))
    return {**made, "with": given}


@st.composite
def catalogs(draw: st.DrawFn) -> list[Doc]:
    documents = [draw(leaves(number)) for number in range(2)]
    for name in ("low", "mid", "top"):
        uses = [key_of(document) for document in documents]
        made = [draw(steps(id, uses)) for id in "abc"[: draw(st.integers(1, 3))]]
        document: Doc = {"kind": "meta-pipeline", "name": name, "steps": made}
        document["inputs"] = {"items": {"type": "array", "default": ["x", "y"]}}
        documents.append(document)
    return documents


def machines(entries: dict[str, Doc], key: str, given: Doc, target: str) -> Iterator[Doc]:
    """Every machine one run rents, one after the other."""
    entry, naive = entries[key], Naive(entries, lambda inputs: None)
    target = entry.get("target", target)
    if "graph" in entry:
        yield {**entry, "target": target}
    defaults = {name: schema.get("default") for name, schema in entry["inputs"].items()}
    inputs = defaults | {n: v for n, v in given.items() if v is not None} | {"target": target}
    for step in entry.get("steps", []):
        items = naive.value(step["for_each"], {"inputs": inputs}) if "for_each" in step else [None]
        for index, value in enumerate(items):
            each = {"value": value, "index": index}
            passed = naive.value(step["with"], {"inputs": inputs, "each": each})
            yield from machines(entries, step["use"], passed, passed.pop("target", target))


def price(machine: Doc) -> Decimal | None:
    offers = PRICES.offers(Compute.model_validate(machine["compute"]))
    fitting = [o for o in offers if o.target == machine["target"] and not o.unfit]
    return min((Decimal(str(o.hourly_usd)) for o in fitting), default=None)


@settings(max_examples=60)
@given(documents=catalogs(), target=st.sampled_from(TARGETS))
def test_a_cost_is_the_sum_over_every_machine(documents: list[Doc], target: str) -> None:
    entries = {key_of(document): document for document in documents}
    (cost,) = costs(documents, target)
    rented = list(machines(entries, "meta-pipelines/top", {}, target))
    prices = [price(machine) for machine in rented]
    assert cost.one.hourly == sum((p for p in prices if p is not None), Decimal(0))
    assert bool(cost.one.unpriced) == (None in prices)
    runs = [_run(p, m.get("hours")) for p, m in zip(prices, rented, strict=True)]
    expected = None if None in runs else sum((run for run in runs if run is not None), Decimal(0))
    assert cost.one.run == expected


def _run(price: Decimal | None, hours: float | None) -> Decimal | None:
    if price == 0:
        return price
    return None if price is None or hours is None else price * Decimal(str(hours))


def costs(documents: list[Doc], target: str) -> list[Cost]:
    entries = {key_of(document): Entry.model_validate(document) for document in documents}
    return list(estimate("meta-pipelines/top", entries, PRICES, target=Target(target)).values())


@settings(max_examples=40)
@given(documents=catalogs(), low=st.integers(0, 30), more=st.integers(0, 30))
def test_a_larger_budget_never_refuses_what_a_smaller_one_allows(
    documents: list[Doc], low: int, more: int
) -> None:
    def refused(limit: int) -> bool:
        top = {**documents[-1], "budget": {"max_hourly_usd": limit, "max_run_usd": limit}}
        (cost,) = costs([*documents[:-1], top], "runpod")
        return bool(cost.over)

    assert refused(low) or not refused(low + more)
