"""How satisfied people are: kept without their names, counted, and gone with the deployment."""

import uuid

import httpx
import pytest

from gateway.state.ratings import Rated
from gateway.watching.kpis import of_satisfaction
from tests.gateway.conftest import Connect
from tests.gateway.stack import Stack
from tests.gateway.test_watching import WATCHER, authorized, numbers
from windmill.scripts.model.drawing.deployment import Deployment, State


@pytest.fixture
def live(stack: Stack) -> Deployment:
    return stack.register(str(uuid.uuid4()), f"rated-{uuid.uuid4().hex[:6]}", State.live)


async def satisfaction(api: httpx.AsyncClient) -> dict[str, object]:
    kpis = (await api.get("/kpis?days=1")).json()["kpis"]
    (found,) = [kpi for kpi in kpis if kpi["name"] == "satisfaction"]
    return dict(found)


async def test_a_rating_counts_for_its_deployment_and_for_the_platform(
    connect: Connect, live: Deployment
) -> None:
    async with connect(mlops_metrics_token=WATCHER) as api:
        before = await satisfaction(api)
        await api.post(f"/pipelines/{live.name}/rating", json={"score": 10})
        kept = await api.post(f"/pipelines/{live.id}/rating", json={"score": 7})
        after = await satisfaction(api)
        told = numbers((await api.get("/metrics/platform", headers=authorized(WATCHER))).text)
    assert kept.status_code == 201
    assert kept.json() == {"deployment_id": live.id, "ratings": 2, "mean": 8.5}
    assert (after["of"], after["aim"]) == (int(str(before["of"])) + 2, 9)
    mean = told["mlops_rating_points_total[]"] / told["mlops_ratings_total[]"]
    assert after["value"] == pytest.approx(mean)


@pytest.mark.parametrize("score", [0, 11, 7.5, "9", None, True])
async def test_a_rating_is_a_whole_number_from_one_to_ten(
    api: httpx.AsyncClient, live: Deployment, score: object
) -> None:
    refused = await api.post(f"/pipelines/{live.id}/rating", json={"score": score})
    assert refused.status_code == 422


async def test_what_is_not_deployed_has_no_rating(api: httpx.AsyncClient) -> None:
    refused = await api.post("/pipelines/nobody-s/rating", json={"score": 5})
    assert refused.status_code == 404


async def test_ratings_are_told_and_deleted_with_their_deployment(
    api: httpx.AsyncClient, stack: Stack, live: Deployment
) -> None:
    await api.post(f"/pipelines/{live.id}/rating", json={"score": 3})
    stack.finish(live.id, State.destroyed)
    told = (await api.get(f"/data/deployments/{live.id}")).json()
    assert told["ratings"] == [3]
    before = (await satisfaction(api))["of"]
    await api.delete(f"/data/deployments/{live.id}")
    assert (await satisfaction(api))["of"] == int(str(before)) - 1


@pytest.mark.parametrize(("rated", "met"), [(Rated(2, 18), True), (Rated(3, 26), False)])
def test_nine_of_ten_is_aimed_at(rated: Rated, met: bool) -> None:
    assert of_satisfaction(rated).met is met


def test_without_a_rating_nobody_knows() -> None:
    assert (of_satisfaction(Rated()).value, of_satisfaction(Rated()).met) == (None, None)
