"""What providers offer now, once their key is stored; else, or when down, list prices."""

from contextlib import nullcontext
from datetime import date
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.fakes.exoscale import fake as exoscale_fake
from tests.fakes.exoscale.fake import FakeExoscale, instance_type
from tests.fakes.runpod import fake as runpod_fake
from tests.fakes.runpod.fake import FakeRunpod
from tests.fakes.vastai import fake as vastai_fake
from tests.fakes.vastai.fake import FakeVastai
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.cost.optimizer import Constraints
from windmill.scripts.model.cost.prices import Disk, Price, Prices
from windmill.scripts.model.drawing.pipeline import Compute, Gpu
from windmill.scripts.targets.exoscale.client import ExoscaleClient
from windmill.scripts.targets.exoscale.market import ASK
from windmill.scripts.targets.exoscale.market import market_offers as exoscale_offers
from windmill.scripts.targets.planning.market import offers_now
from windmill.scripts.targets.rental.errors import ProviderFailed
from windmill.scripts.targets.rental.live_offers import live_offers
from windmill.scripts.targets.runpod.client import RunpodClient
from windmill.scripts.targets.runpod.market import market_offers as runpod_offers
from windmill.scripts.targets.vastai import market as vastai_market
from windmill.scripts.targets.vastai.client import VastaiClient
from windmill.scripts.targets.vastai.market import market_offers as vastai_offers

TODAY = date(2026, 11, 26)
NEEDS = Compute(gpu=Gpu(memory_gb=24, count=2), disk_gb=73, max_hourly_usd=1.0)
PRICES = Prices(disks=(Disk(target=Target.runpod, usd_per_gb_month=0.1, source="x"),))


def asking(kind: Any, key: str, fake: httpx.BaseTransport) -> Any:
    return kind(SecretStr(key), sleep=lambda _: None, transport=fake)


def test_runpod_s_prices_are_of_each_pool_with_disk_and_stock() -> None:
    client = asking(RunpodClient, runpod_fake.KEY, FakeRunpod(prices={"NVIDIA L4": 0.4}))
    cheap, dear = runpod_offers(client, PRICES, NEEDS, TODAY)
    assert (cheap.name, dear.name) == ("2 × NVIDIA L4 (COMMUNITY)", "2 × NVIDIA L4 (SECURE)")
    assert (cheap.machine, cheap.pool, cheap.gpu) == ("NVIDIA L4", "COMMUNITY", "L4")
    assert cheap.hourly_usd == pytest.approx(2 * 0.32 + 0.01)
    assert (cheap.stock, cheap.source, cheap.read_on) == ("low", "RunPod's API", "2026-11-26")


def test_what_runpod_has_not_free_is_unfit(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeRunpod(prices={"NVIDIA L4": 0.4})
    gpu = fake._gpu("NVIDIA L4") | {"availability": "NONE"}
    monkeypatch.setattr(fake, "_gpu", lambda name: gpu)
    offers = runpod_offers(asking(RunpodClient, runpod_fake.KEY, fake), PRICES, NEEDS, TODAY)
    assert {offer.unfit for offer in offers} == {"none is free now"}


def test_runpod_s_data_centers_are_offers_of_their_own_where_a_place_is_wanted() -> None:
    centers = {"US-KS-2": "US", "EU-RO-1": "RO", "EUR-IS-1": "IS", "EU-SE-1": "SE"}
    fake = FakeRunpod(prices={"NVIDIA L4": 0.4}, centers=centers)
    client = asking(RunpodClient, runpod_fake.KEY, fake)

    def places(*regions: str) -> list[tuple[str, str]]:
        needs = NEEDS.model_copy(update={"regions": regions})
        offers = runpod_offers(client, PRICES, needs, TODAY)
        assert {(offer.unfit, offer.pool) for offer in offers} <= {("", "SECURE")}
        return sorted((offer.region, offer.jurisdiction) for offer in offers)

    assert places("EU") == [("EU-RO-1", "EU"), ("EU-SE-1", "EU")], "Iceland is not of the Union"
    assert places("IS", "eur-is-1") == [("EUR-IS-1", "IS")], "each is offered once"
    assert places("US-KS-2") == [("US-KS-2", "")]
    assert places("CH") == []


def test_vast_s_market_is_searched_by_what_is_needed() -> None:
    market = {
        7: vastai_fake.offer(7, "RTX 4090", 0.9, num_gpus=2),
        8: vastai_fake.offer(8, "RTX 4090", 0.4),
        9: vastai_fake.offer(9, "RTX 4090", 1.2, num_gpus=2),
        10: vastai_fake.offer(10, "RTX 3060", 0.2, num_gpus=2, gpu_ram=12288),
    }
    client = asking(VastaiClient, vastai_fake.KEY, FakeVastai(offers=market))
    (offer,) = vastai_offers(client, NEEDS, TODAY)
    assert (offer.name, offer.pool) == ("2 × RTX 4090 (7)", "7")
    assert (offer.gpu, offer.gpus, offer.gpu_memory_gb) == ("RTX 4090", 2, 24)
    assert (offer.hourly_usd, offer.region, offer.reliability) == (0.9, "Sweden, SE", 0.99)


def test_a_machine_of_vast_s_has_its_share_of_its_host_and_is_compared_by_it() -> None:
    """The host has memory enough, and the first machine a quarter of it."""
    host = {"num_gpus": 2, "cpu_cores": 64, "cpu_ram": 260_000}
    odd = {**host, "cpu_cores": None}
    market = {
        7: vastai_fake.offer(7, "RTX 4090", 0.4, **host, cpu_cores_effective=16),
        8: vastai_fake.offer(8, "RTX 4090", 0.5, **host, cpu_cores_effective=32),
        9: vastai_fake.offer(9, "RTX 4090", 0.3, **host, cpu_cores_effective=4),
        10: vastai_fake.offer(10, "RTX 4090", 0.6, **odd, cpu_cores_effective=8),
    }
    client = asking(VastaiClient, vastai_fake.KEY, FakeVastai(offers=market))
    needs = NEEDS.model_copy(update={"cpus": 8, "memory_gb": 100})
    small, large, untold = vastai_offers(client, needs, TODAY)
    assert (small.pool, small.unfit) == ("7", "63 GB of memory, 100 is needed")
    assert (large.pool, large.unfit, large.cpus, large.memory_gb) == ("8", "", 32, 127)
    assert untold.unfit == ""
    assert "nobody tells whether it has 100 GB of memory" in untold.reason


def test_a_provider_that_tells_no_cpus_is_not_refused_and_it_is_said() -> None:
    client = asking(RunpodClient, runpod_fake.KEY, FakeRunpod(prices={"NVIDIA L4": 0.4}))
    needs = NEEDS.model_copy(update={"cpus": 8})
    cheap, _ = runpod_offers(client, PRICES, needs, TODAY)
    assert (cheap.unfit, cheap.cpus) == ("", None)
    assert "nobody tells whether it has 8 CPUs" in cheap.reason


def test_a_price_may_name_the_machine_s_size_and_is_compared_by_it() -> None:
    row = Price(
        target=Target.runpod, name="x", hourly_usd=1, cpus=4, memory_gb=32, source="x", gpu="L4",
        gpu_memory_gb=24, gpus=2,
    )  # fmt: skip
    needs = NEEDS.model_copy(update={"cpus": 8, "memory_gb": 64})
    (offer,) = (o for o in Prices(offers=(row,)).offers(needs) if o.target == Target.runpod)
    assert offer.unfit == "4 CPUs, 8 is needed; 32 GB of memory, 64 is needed"


def test_another_model_than_is_asked_for_is_unfit() -> None:
    client = asking(VastaiClient, vastai_fake.KEY, FakeVastai())
    needs = Compute(gpu=Gpu(memory_gb=24, model="L4"))
    assert {o.unfit for o in vastai_offers(client, needs, TODAY)} == {
        "it is RTX 4090, L4 is needed"
    }


EXOSCALE = Prices(
    offers=tuple(
        Price(target=target, name=name, gpu=gpu, gpu_memory_gb=48, gpus=n, hourly_usd=n, source="x")
        for target, name, gpu, n in (
            (Target.exoscale, "gpu3.small", "A40", 1),
            (Target.exoscale, "gpu3.medium", "A40", 2),
            (Target.exoscale, "gpu3.huge", "A40", 8),
            (Target.runpod, "NVIDIA L40", "L40", 1),
        )
    ),
    disks=(Disk(target=Target.exoscale, usd_per_gb_month=7.3, source="x"),),
)


def test_exoscale_s_types_are_offered_in_each_zone_at_the_list_s_price_with_the_whole_disk() -> (
    None
):
    types = [
        instance_type("gpu3.small"),
        instance_type("gpu3.medium", 2, cpus=12, memory=56 << 30),
        instance_type("gpub300.small"),  # the price file does not know it
        instance_type("standard.small", 0),
    ]
    fake = FakeExoscale(types=types, now=lambda: 0)
    client = ExoscaleClient(
        SecretStr(exoscale_fake.KEY), sleep=lambda _: None, now=lambda: 0, transport=fake
    )
    offers = exoscale_offers(client, EXOSCALE, NEEDS)
    assert [offer.name for offer in offers] == [
        "gpu3.small (at-vie-2)",
        "gpu3.small (ch-gva-2)",
        "gpu3.medium (at-vie-2)",
        "gpu3.medium (ch-gva-2)",
    ]
    assert {offer.unfit for offer in offers[:2]} == {"1 GPU, 2 are needed"}
    vienna, geneva = offers[2:]
    assert (vienna.unfit, vienna.machine, vienna.pool) == ("", "gpu3.medium", "at-vie-2")
    assert vienna.hourly_usd == pytest.approx(2 + 0.01 * (73 + 60))
    assert (vienna.cpus, vienna.memory_gb, vienna.gpus) == (12, 56, 2)
    assert (vienna.jurisdiction, geneva.jurisdiction) == ("EU", "CH")
    needs = NEEDS.model_copy(update={"cpus": 8, "memory_gb": 64})
    *_, too_small = exoscale_offers(client, EXOSCALE, needs)
    assert too_small.unfit == "56 GB of memory, 64 is needed"
    assert "nobody tells" not in too_small.reason


def test_what_an_account_has_to_ask_exoscale_for_is_unfit() -> None:
    fake = FakeExoscale(types=[instance_type("gpu3.medium", 2, authorized=False)], now=lambda: 0)
    client = ExoscaleClient(
        SecretStr(exoscale_fake.KEY), sleep=lambda _: None, now=lambda: 0, transport=fake
    )
    assert {offer.unfit for offer in exoscale_offers(client, EXOSCALE, NEEDS)} == {ASK}


@pytest.mark.usefixtures("prices_pushed")
def test_list_prices_stand_in_where_nobody_is_asked_or_answers(
    stored_keys: dict[str, str],
) -> None:
    def down(key: SecretStr) -> list[Any]:
        raise ProviderFailed("RunPod", "status 503")

    listed = live_offers(Target.runpod, NEEDS, lambda key: [])
    stored_keys["runpod"] = "key"
    assert live_offers(Target.runpod, NEEDS, lambda key: []) == []
    assert live_offers(Target.runpod, NEEDS, down) == listed != []


def test_vast_s_bids_are_offered_beside_its_others_only_where_spot_is_allowed() -> None:
    market = {7: vastai_fake.offer(7, "RTX 4090", 0.4, min_bid=0.1, num_gpus=2)}
    client = asking(VastaiClient, vastai_fake.KEY, FakeVastai(offers=market))
    assert [each.spot for each in vastai_offers(client, NEEDS, TODAY)] == [False]
    bid, other = vastai_offers(client, NEEDS.model_copy(update={"spot": True}), TODAY)
    assert (bid.spot, other.spot, bid.pool) == (True, False, other.pool)
    assert (bid.machine_usd, bid.unfit) == (0.11, "")
    assert bid.hourly_usd == pytest.approx(0.11 + 0.15 * 113 / 730, abs=1e-6)


@pytest.mark.parametrize(
    ("regions", "says"),
    [
        (("EU",), ""),
        (("US", "se"), ""),
        (("Sweden, SE",), ""),
        (("US", "CH"), "it is in Sweden, SE, US or CH is needed"),
    ],
)
def test_where_a_machine_must_stand_is_the_offer_s_own_to_tell(
    regions: tuple[str, ...], says: str
) -> None:
    market = {7: vastai_fake.offer(7, "RTX 4090", 0.4, num_gpus=2)}
    client = asking(VastaiClient, vastai_fake.KEY, FakeVastai(offers=market))
    (offer,) = vastai_offers(client, NEEDS.model_copy(update={"regions": regions}), TODAY)
    assert offer.unfit == says


def test_who_does_not_tell_where_it_is_does_not_fit_a_region() -> None:
    row = Price(
        target=Target.runpod, name="x", hourly_usd=1, source="x", gpu="L4", gpu_memory_gb=24, gpus=2
    )  # fmt: skip
    needs = NEEDS.model_copy(update={"regions": ("EU",)})
    offers = [o for o in Prices(offers=(row,)).offers(needs) if o.target == Target.runpod]
    assert {offer.unfit for offer in offers} == {"it may be anywhere, EU is needed"}


@pytest.mark.usefixtures("prices_pushed")
def test_who_asks_what_there_is_now_hears_of_bids_and_of_whom_nobody_asked(
    stored_keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    market = {7: vastai_fake.offer(7, "RTX 4090", 0.4, min_bid=0.1, num_gpus=2)}
    client = asking(VastaiClient, vastai_fake.KEY, FakeVastai(offers=market))
    monkeypatch.setattr(vastai_market, "vastai_client", lambda key, _: nullcontext(client))
    stored_keys["vastai"] = vastai_fake.KEY
    wanted = Constraints(gpu="RTX 4090", gpus=2, spot=True)
    found = offers_now(wanted, ())
    assert [(each.offer.target, each.offer.spot) for each in found.candidates] == [
        (Target.vastai, True),
        (Target.vastai, False),
    ]
    assert set(found.not_asked) == {Target.runpod, Target.exoscale}
    assert "key" in found.not_asked[Target.runpod]
    on_demand = offers_now(wanted.model_copy(update={"spot": False}), ())
    assert [each.offer.spot for each in on_demand.candidates] == [False]
    cheap = offers_now(wanted.model_copy(update={"max_hourly_usd": 0.2}), ())
    assert [each.offer.spot for each in cheap.candidates] == [True]
    assert cheap.others == len(cheap.refused) >= 1
