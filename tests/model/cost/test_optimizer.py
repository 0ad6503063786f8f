"""Offers under constraints: a table of them, and what holds for any."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from windmill.scripts.model.base.target import Target
from windmill.scripts.model.cost.gpus import GPU_MODELS, canonical, performance
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.cost.optimizer import Constraints, in_order, rank, refusals
from windmill.scripts.model.cost.price_files import read_prices
from windmill.scripts.model.cost.prices import ListPrice
from windmill.scripts.model.drawing.pipeline import Compute

Doc = dict[str, Any]
TABLE = yaml.safe_load((Path(__file__).parent / "optimizer_cases.yaml").read_text("utf-8"))
OFFERS = {name: Offer.model_validate(each) for name, each in TABLE["offers"].items()}
BASELINES = [ListPrice.model_validate(each) for each in TABLE["baselines"]]
CATALOG = Path(__file__).parents[3] / "catalog"


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["what"])
def test_what_fits_comes_best_first_and_the_others_say_why(case: Doc) -> None:
    ranking = rank(OFFERS.values(), Constraints.model_validate(case["wanted"]))
    assert [each.offer.name for each in ranking.candidates] == case["order"]
    refused = {each.offer.name: each.reason for each in ranking.refused}
    assert refused.keys() == OFFERS.keys() - {*case["order"]}
    for name, words in case["refused"].items():
        assert words in refused[name]


def test_savings_are_against_the_first_list_price_of_the_same_gpu_counted_alike() -> None:
    ranking = rank(OFFERS.values(), Constraints(gpu="H100"), BASELINES)
    told = {each.offer.name: (each.saves, each.baseline) for each in ranking.candidates}
    assert told["two"] == (0.5, "AWS p5.48xlarge")
    assert told["sxm"] == (0.462, "AWS p5.48xlarge")
    assert told["pcie"] == (None, "")
    dear = OFFERS["sxm"].model_copy(update={"hourly_usd": 7.5})
    [candidate] = rank([dear], Constraints(), BASELINES).candidates
    assert "50% more than AWS p5.48xlarge" in candidate.reason


@given(
    st.lists(st.sampled_from(sorted(OFFERS))),
    st.builds(
        Constraints,
        gpu=st.sampled_from(["", "H100", "L4"]),
        gpu_memory_gb=st.sampled_from([0, 24, 80]),
        regions=st.sampled_from([(), ("EU",), ("US", "eu-ro-1")]),
        max_hourly_usd=st.none() | st.sampled_from([0.1, 2, 9]),
        spot=st.booleans(),
    ),
)
def test_every_offer_is_either_a_candidate_or_refused_with_a_reason(
    names: list[str], wanted: Constraints
) -> None:
    ranking = rank([OFFERS[name] for name in names], wanted)
    told = [each.offer.name for each in (*ranking.candidates, *ranking.refused)]
    assert sorted(told) == sorted(names)
    assert all(each.reason for each in ranking.refused)
    assert not any([*refusals(each.offer, wanted)] for each in ranking.candidates)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("NVIDIA H100 80GB HBM3", "H100 SXM"),
        ("H100_SXM", "H100 SXM"),
        ("NVIDIA A100-SXM4-80GB", "A100 SXM"),
        ("NVIDIA A100 80GB PCIe", "A100 PCIe"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("RTX4090", "RTX 4090"),
        ("Tesla T4", "T4"),
        ("AMD Instinct MI300X OAM", "MI300X"),
        ("Something New", "Something New"),
    ],
)
def test_a_gpu_has_one_name_whichever_provider_says_it(said: str, name: str) -> None:
    assert canonical(said) == name
    assert canonical(name) == name


def test_speed_is_beside_an_a100_and_a_row_names_its_datasheet() -> None:
    assert performance("A100 SXM", 80) == 1
    assert performance("A100 SXM", 40) == pytest.approx((1555 / 2039) ** 0.5)
    assert performance("H100 SXM", 80) == pytest.approx((989 / 312 * 3350 / 2039) ** 0.5)
    assert performance("Voodoo 2", 1) is None
    assert all(model.source for model in GPU_MODELS)
    assert len({(model.name, model.memory_gb) for model in GPU_MODELS}) == len(GPU_MODELS)


def test_an_offer_whose_parts_are_not_its_price_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"machine and disk cost 3, not 2"):
        Offer(target=Target.runpod, name="x", hourly_usd=2, machine_usd=2.5, disk_usd=0.5)
    with pytest.raises(ValidationError, match="finite"):
        Offer(target=Target.runpod, name="x", hourly_usd=float("nan"))


def test_the_shipped_price_file_names_gpus_whose_speed_is_known() -> None:
    prices, _ = read_prices(CATALOG)
    offers = [each for each in prices.offers(Compute(disk_gb=100)) if each.gpu]
    assert offers
    assert all(performance(each.gpu, each.gpu_memory_gb) for each in offers)
    assert all(performance(each.gpu, each.gpu_memory_gb) for each in prices.baselines)
    runpod = next(each for each in offers if each.target == Target.runpod)
    assert runpod.disk_usd == pytest.approx(0.10 * 100 / 730, abs=1e-6)
    assert (runpod.machine_usd or 0) + (runpod.disk_usd or 0) == pytest.approx(runpod.hourly_usd)


def test_without_a_gpu_needed_the_least_money_comes_first_however_fast_the_dearer_one_is() -> None:
    fast = Offer(
        target=Target.runpod, name="fast", hourly_usd=2.0, gpu="H100 SXM", gpu_memory_gb=80, gpus=1
    )
    slow = Offer(
        target=Target.vastai, name="slow", hourly_usd=1.0, gpu="T4", gpu_memory_gb=16, gpus=1
    )
    ranking = rank([slow, fast], Constraints())
    for for_gpu, first in ((True, fast), (False, slow)):
        ordered = in_order(ranking, for_gpu).candidates
        assert (ordered[0].offer, len(ordered)) == (first, 2)
