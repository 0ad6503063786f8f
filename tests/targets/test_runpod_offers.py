"""What RunPod is asked for: one of its own machines, named by deployment and attempt."""

import pytest

from tests.targets.conftest import CATALOG
from tests.targets.support import deployment, settled
from windmill.scripts.model.base.errors import TargetRefused
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.cost.price_files import read_prices
from windmill.scripts.targets.protocol import Order
from windmill.scripts.targets.runpod.target import Runpod

L4 = Offer(target=Target.runpod, name="2 × L4", hourly_usd=1, machine="NVIDIA L4", pool="COMMUNITY")


def order(catalog: Catalog, offer: Offer | None) -> Order:
    pipeline = settled(catalog, "vllm-serving")
    return Order(deployment("vllm-1"), pipeline, catalog.components, offer, attempt="2")


def test_the_machine_is_named_by_deployment_and_attempt_and_is_the_offer_s(
    catalog: Catalog,
) -> None:
    variables = Runpod().variables(order(catalog, L4))
    assert variables["name"] == "vllm-1-2"
    assert (variables["gpu_type_id"], variables["cloud"]) == ("NVIDIA L4", "COMMUNITY")
    assert variables["gpu_count"] == 1
    assert variables["volume"] == {"size": 60, "path": "/workspace"}


def test_no_machine_is_described_before_one_is_chosen(catalog: Catalog) -> None:
    with pytest.raises(TargetRefused, match="no machine was chosen"):
        Runpod().variables(order(catalog, None))


@pytest.mark.usefixtures("prices_pushed")
def test_an_offer_of_the_price_file_names_the_machine_as_its_provider_does(
    catalog: Catalog,
) -> None:
    prices, _ = read_prices(CATALOG)
    offers = Runpod().offers(settled(catalog, "vllm-serving").compute)
    machines = {Runpod().variables(order(catalog, offer))["gpu_type_id"] for offer in offers}
    assert machines == {row.name for row in prices.rows if row.target == Target.runpod}
    assert {offer.pool for offer in offers} == {"SECURE", "COMMUNITY"}
