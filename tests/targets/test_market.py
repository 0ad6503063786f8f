"""What providers offer now, once their key is stored; else, or when down, list prices."""

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
from windmill.scripts.model.cost.prices import Disk, Price, Prices
from windmill.scripts.model.drawing.pipeline import Compute, Gpu
from windmill.scripts.targets.exoscale.client import ExoscaleClient
from windmill.scripts.targets.exoscale.market import ASK
from windmill.scripts.targets.exoscale.market import market_offers as exoscale_offers
from windmill.scripts.targets.rental.errors import ProviderFailed
from windmill.scripts.targets.rental.live_offers import live_offers
from windmill.scripts.targets.runpod.client import RunpodClient
from windmill.scripts.targets.runpod.market import market_offers as runpod_offers
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
