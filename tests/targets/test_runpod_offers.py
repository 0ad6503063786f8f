"""What RunPod is asked for: the offer's machine, with what the pipeline's server needs."""

from typing import Any

import pytest
from pydantic import SecretStr

from tests.targets.conftest import CATALOG
from tests.targets.support import settled
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.cost.price_files import read_prices
from windmill.scripts.targets.rental.hiring import digest_of, server_of
from windmill.scripts.targets.runpod.api import PodOrder
from windmill.scripts.targets.runpod.rentals import pod_order
from windmill.scripts.targets.runpod.target import Runpod

L4 = Offer(target=Target.runpod, name="2 × L4", hourly_usd=1, machine="NVIDIA L4", pool="COMMUNITY")
KEY = "canary-7f31"


def ordered(catalog: Catalog, name: str, offer: Offer = L4, **inputs: Any) -> PodOrder:
    return pod_order(server_of(settled(catalog, name, **inputs), KEY), offer, "mlops.x.y.2")


def test_the_machine_is_the_offer_s_and_runs_what_the_pipeline_says(catalog: Catalog) -> None:
    order = ordered(catalog, "vllm-serving")
    assert (order.name, order.gpu.id, order.gpu.count) == ("mlops.x.y.2", "NVIDIA L4", 1)
    assert (order.cloud, order.ports) == ("COMMUNITY", ("8000/http",))
    assert order.image.startswith("vllm/vllm-openai:")
    assert order.mounts is not None
    assert order.mounts.persistent.model_dump() == {"size": 60, "path": "/workspace"}


def test_the_key_goes_where_the_server_looks_for_it_and_is_shown_nowhere(catalog: Catalog) -> None:
    order = ordered(catalog, "vllm-serving")
    assert order.env["VLLM_API_KEY"] == SecretStr(KEY)
    assert KEY not in repr(order)
    assert KEY not in repr(server_of(settled(catalog, "vllm-serving"), KEY))
    assert SecretStr(KEY) not in ordered(catalog, "ollama-serving").env.values()


def test_an_order_is_another_when_it_runs_or_needs_something_else(catalog: Catalog) -> None:
    def digest(key: str = KEY, **changed: Any) -> str:
        pipeline = settled(catalog, "vllm-serving", **changed)
        return digest_of(server_of(pipeline, key), pipeline.compute)

    assert digest() == digest(key="another")
    assert len({digest(), digest(model="org/other"), digest(max_model_len=4096)}) == 3


@pytest.mark.usefixtures("prices_pushed")
def test_an_offer_of_the_price_file_names_the_machine_as_its_provider_does(
    catalog: Catalog,
) -> None:
    prices, _ = read_prices(CATALOG)
    offers = Runpod().offers(settled(catalog, "vllm-serving").compute)
    machines = {ordered(catalog, "vllm-serving", offer).gpu.id for offer in offers}
    assert machines == {row.name for row in prices.rows if row.target == Target.runpod}
    assert {offer.pool for offer in offers} == {"SECURE", "COMMUNITY"}
