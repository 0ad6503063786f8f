"""A book of offers answers as the plain ranking does, whatever is in it and whatever is asked."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from windmill.scripts.model.base.target import Target
from windmill.scripts.model.cost.book.offer_book import OfferBook
from windmill.scripts.model.cost.gpus import GPU_MODELS
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.cost.optimizer import Constraints, rank
from windmill.scripts.model.cost.prices import ListPrice

# Few values of each: many offers are alike but for one thing, and a hit at a limit is usual.
SIZES: st.SearchStrategy[float | None] = st.none() | st.sampled_from([0.0, 4.0, 8.0, 16.5, 64.0])
SHARES: st.SearchStrategy[float | None] = st.none() | st.sampled_from([0.0, 0.9, 0.99, 1.0])
MONEY = st.sampled_from([0.0, 0.5, 1.0, 2.5]) | st.floats(0, 100)
KNOWN = [(model.name, model.memory_gb) for model in GPU_MODELS]
GPUS = st.sampled_from([("", 0.0), ("Voodoo 2", 90.0), *KNOWN])
TEXT = st.sampled_from(["", "a", "ä", "B", "aa", "sold out; too small"])
PLACES = st.sampled_from(["", "EU", "US", "EU-RO-1", "us-tx-3"])


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    gpu, memory = draw(GPUS)
    values: dict[str, Any] = {
        "target": draw(st.sampled_from([*Target])),
        "name": draw(TEXT),
        "hourly_usd": draw(MONEY),
        "gpu": gpu,
        "gpu_memory_gb": memory,
        "gpus": draw(st.integers(0, 3)),
        "cpus": draw(SIZES),
        "memory_gb": draw(SIZES),
        "disk_gb": draw(SIZES),
        "egress_usd_per_gb": draw(SIZES),
        "region": draw(PLACES),
        "jurisdiction": draw(PLACES),
        "spot": draw(st.booleans()),
        "reliability": draw(SHARES),
        "unfit": draw(st.sampled_from(["", "", "sold out", "1 GPU, 2 are needed"])),
        "reason": draw(TEXT),
        "pool": draw(TEXT),
        "machine": draw(TEXT),
    }
    return Offer(**values)


WANTED = st.builds(
    Constraints,
    gpu=st.sampled_from(["", "H100", "NVIDIA L4", "a100 sxm", "Voodoo 2", "nothing"]),
    gpu_memory_gb=st.sampled_from([0, 24, 80]),
    gpus=st.integers(0, 2),
    cpus=st.sampled_from([0, 4, 16]),
    memory_gb=st.sampled_from([0, 16.5]),
    regions=st.sampled_from([(), ("eu",), ("US", "SE"), ("eu-ro-1",)]),
    max_hourly_usd=st.none() | st.sampled_from([0.0, 1.0, 2.5]),
    spot=st.booleans(),
    min_reliability=st.sampled_from([0, 0.9]),
)
BASELINES = [
    ListPrice(provider="AWS", name="x", gpu="L4", gpu_memory_gb=24, gpus=2, hourly_usd=3,
              region="us", source="s")
]  # fmt: skip


@given(st.lists(offers(), max_size=40), WANTED, st.integers(0, 45))
def test_a_book_answers_as_the_plain_ranking_does(
    held: list[Offer], wanted: Constraints, limit: int
) -> None:
    plain = rank(held, wanted, BASELINES)
    best = OfferBook(held).best(wanted, limit, BASELINES, refused=limit)
    assert best.candidates == plain.candidates[:limit]
    assert best.refused == plain.refused[:limit]
    assert (best.fitting, best.others) == (len(plain.candidates), len(plain.refused))


@given(st.lists(offers(), max_size=10))
def test_an_offer_comes_out_of_a_book_as_it_went_in(held: list[Offer]) -> None:
    book = OfferBook(held)
    kept = [book.offer(row) for row in range(len(book))]
    assert sorted(map(repr, kept)) == sorted(map(repr, held))


def test_what_is_exactly_enough_fits_and_what_costs_exactly_the_most_too() -> None:
    exact: dict[str, Any] = {
        "cpus": 8.0,
        "memory_gb": 16.5,
        "reliability": 0.9,
        "gpus": 1,
        "gpu": "L4",
    }
    offer = Offer(target=Target.vastai, name="x", hourly_usd=0.3, gpu_memory_gb=24, **exact)
    wanted = Constraints(
        gpu="L4", gpu_memory_gb=24, gpus=1, cpus=8, memory_gb=16.5, min_reliability=0.9,
        max_hourly_usd=0.3,
    )  # fmt: skip
    assert rank([offer], wanted).candidates == OfferBook([offer]).best(wanted, 1).candidates != ()
