"""What Prometheus and people are told of how the platform does."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from gateway.clients.windmill import Windmill
from gateway.state.ratings import Rated
from gateway.watching.cost_report import cost_report
from gateway.watching.figures import LATE, DeployCounts, Now, as_text
from gateway.watching.kpis import Kpi, of_deploys, of_savings, of_uptime, percentile
from tests.gateway.conftest import Connect
from tests.gateway.stack import Stack
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.charge import Charge
from windmill.scripts.model.drawing.deployment import Deployment, DeployRun, State
from windmill.scripts.store.figures.totals import Spent, Totals

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WATCHER = "a-token-of-whoever-watches-1"


def run(id: str, seconds: float = 20, live: bool = True, at: datetime = NOW) -> DeployRun:
    began = at - timedelta(seconds=seconds)
    return DeployRun(id=id, target=Target.runpod, went_live=live, started_at=began, finished_at=at)


def numbers(text: str) -> dict[str, float]:
    """By name and labels, as Prometheus itself reads them."""
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def by_name(kpis: Iterable[Kpi]) -> dict[str, Kpi]:
    return {kpi.name: kpi for kpi in kpis}


def test_what_is_deployed_and_what_it_costs_is_told_by_state_and_target() -> None:
    states = [("live", "runpod", 2), ("failed", "", 1)]
    found = Totals(states, [("runpod", 1.5)], Spent(usd=6, compared_usd=4, list_usd=10))
    told = numbers(as_text(DeployCounts(), Now(found, [], NOW, Rated())).decode())
    assert told["mlops_deployments['live', 'runpod']"] == 2
    assert told["mlops_deployments['failed', 'none']"] == 1
    assert told["mlops_cost_per_hour_usd['runpod']"] == 1.5
    assert told["mlops_cost_usd_total[]"] == 6
    assert told["mlops_compared_cost_usd_total[]"] == 4
    assert told["mlops_list_cost_usd_total[]"] == 10
    assert (told["windmill_up[]"], told["windmill_jobs_waiting[]"]) == (1, 0)


@pytest.mark.parametrize(("spent", "saved"), [(4, 60), (5, 50), (12, -20)])
def test_savings_are_a_share_of_what_the_list_price_is(spent: float, saved: float) -> None:
    kpi = of_savings(Spent(usd=spent + 100, compared_usd=spent, list_usd=10))
    assert kpi.value == pytest.approx(saved)
    assert kpi.met is (saved >= 50)


def test_the_first_job_in_the_queue_tells_how_long_one_waits() -> None:
    since = [NOW - timedelta(seconds=30), NOW - timedelta(seconds=400)]
    told = numbers(as_text(DeployCounts(), Now(Totals(), since, NOW, Rated())).decode())
    assert (told["windmill_jobs_waiting[]"], told["windmill_oldest_wait_seconds[]"]) == (2, 400)


def test_a_windmill_that_does_not_answer_is_no_empty_queue() -> None:
    told = numbers(as_text(DeployCounts(), Now(Totals(), None, NOW, Rated())).decode())
    assert told["windmill_up[]"] == 0
    assert "windmill_jobs_waiting[]" not in told


@given(st.lists(st.lists(st.integers(0, 30), max_size=6), max_size=6))
def test_a_deploy_counts_once_however_often_it_is_read(readings: list[list[int]]) -> None:
    counts = DeployCounts()
    latest = datetime.now(UTC)
    for ids in readings:
        counts.count([run(str(id), live=id % 2 == 0, at=latest) for id in ids])
    told = numbers(as_text(counts, Now(Totals(), [], NOW, Rated())).decode())
    different = {id for ids in readings for id in ids}
    live = sum(id % 2 == 0 for id in different)
    assert told.get("mlops_deploys_total['live', 'runpod']", 0) == live
    assert told.get("mlops_deploys_total['not_live', 'runpod']", 0) == len(different) - live
    assert told.get("mlops_deploy_seconds_count['runpod']", 0) == live


def test_a_deploy_that_is_committed_late_is_still_read() -> None:
    counts, latest = DeployCounts(), datetime.now(UTC)
    counts.count([run("one", at=latest)])
    assert counts.since(latest) == latest - LATE


def test_the_time_to_deploy_is_of_those_that_went_live() -> None:
    runs = [run(str(n), seconds=n) for n in range(1, 101)] + [run("x", 9000, live=False)]
    kpis = by_name(of_deploys(runs))
    assert (kpis["deployment_time"].value, kpis["deployment_time"].met) == (95, True)
    assert kpis["deploys_live"].value == pytest.approx(100 * 100 / 101)
    assert of_deploys([run("slow", 301)])[0].met is False


def test_what_nobody_knows_is_not_called_met() -> None:
    for kpi in (*of_deploys([]), of_uptime([]), of_savings(Spent(usd=3))):
        assert (kpi.value, kpi.met) == (None, None)
        assert kpi.unknown_because


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_a_value_with_that_share_at_or_below_it(
    values: list[float], share: float
) -> None:
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert found is not None
    at_or_below = sum(value <= found for value in values)
    below = sum(value < found for value in values)
    assert at_or_below >= share * len(values) > below - 1e-9


async def test_whoever_shows_the_token_is_told_and_nobody_else(
    connect: Connect, stack: Stack
) -> None:
    deployed = stack.register("00000000-0000-4000-8000-00000000f1f1", "watched")
    stack.record(deployed.id, "health", "every process answers", "info")
    stack.finish(deployed.id, State.live)
    async with connect(mlops_metrics_token=WATCHER, mlops_api_key="an-admin-s-key-0") as api:
        for key in ("", "another-token-of-somebody"):
            refused = await api.get("/metrics/platform", headers=authorized(key))
            assert refused.status_code == 401
        answer = await api.get("/metrics/platform", headers=authorized(WATCHER))
        again = await api.get("/metrics/platform", headers=authorized(WATCHER))
        assert (await api.get("/pipelines", headers=authorized(WATCHER))).status_code == 401
    told = numbers(answer.text)
    assert told["mlops_deployments['live', 'local']"] >= 1
    assert told["mlops_deploys_total['live', 'local']"] >= 1
    assert (
        numbers(again.text)["mlops_deploys_total['live', 'local']"]
        == (told["mlops_deploys_total['live', 'local']"])
    )
    assert "watched" not in answer.text


def authorized(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


async def test_without_a_token_nobody_is_told_and_the_way_out_is_named(
    api: httpx.AsyncClient,
) -> None:
    refused = await api.get("/metrics/platform")
    assert refused.status_code == 404
    assert "MLOPS_METRICS_TOKEN" in refused.json()["error"]["fix"]


async def test_people_see_each_figure_beside_what_is_aimed_at(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    deployed = stack.register("00000000-0000-4000-8000-00000000f2f2", "measured")
    stack.record(deployed.id, "health", "every process answers", "info")
    stack.finish(deployed.id, State.live)
    kpis = {kpi["name"]: kpi for kpi in (await api.get("/kpis?days=1")).json()["kpis"]}
    assert kpis["deployment_time"]["met"] is True
    assert kpis["deployment_time"]["of"] >= 1
    assert kpis["uptime"]["value"] is None
    assert "PROMETHEUS_URL" in kpis["uptime"]["fix"]


async def test_a_prometheus_that_does_not_answer_is_told(connect: Connect) -> None:
    async with connect(prometheus_url="http://127.0.0.1:9") as api:
        (uptime,) = [
            kpi for kpi in (await api.get("/kpis")).json()["kpis"] if kpi["name"] == "uptime"
        ]
    assert uptime["value"] is None
    assert "Prometheus at http://127.0.0.1:9" in uptime["unknown_because"]


async def test_why_there_are_no_lines_is_told_in_words(connect: Connect) -> None:
    async with connect() as api:
        told = (await api.get("/builder/lines")).json()
    assert (told["deployments"], "PROMETHEUS_URL" in told["fix"]) == ({}, True)
    async with connect(prometheus_url="http://127.0.0.1:9") as api:
        told = (await api.get("/builder/lines")).json()
    assert "Prometheus at http://127.0.0.1:9" in told["unknown_because"]


@pytest.mark.parametrize(
    ("row", "waits"),
    [
        ({"scheduled_for": "2026-05-31T23:59:00Z"}, True),
        ({"scheduled_for": "2026-06-01T00:01:00Z"}, False),
    ],
)
async def test_a_job_whose_time_has_not_come_does_not_wait(
    row: dict[str, str], waits: bool
) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=[row]))
    async with httpx.AsyncClient(transport=transport, base_url="http://windmill") as http:
        assert bool(await Windmill(http, "mlops").waiting_since(NOW)) is waits


def costing(name: str, usd: float) -> Deployment:
    since = NOW - timedelta(hours=2)
    charge = Charge(target=Target.runpod, offer="L4", hourly_usd=usd, revision=1, since=since)
    return Deployment(
        id=name, name=name, target=Target.runpod, state=State.live, created_at=since,
        updated_at=since, charges=(charge,) if usd else (),
    )  # fmt: skip


def test_a_cost_report_tells_the_dearest_first_and_nothing_that_is_free() -> None:
    found = [costing("cheap", 0.5), costing("free", 0), costing("dear", 2)]
    report = cost_report(found, Spent(usd=10, compared_usd=4, list_usd=10), NOW, 7)
    assert [each.name for each in report.deployments] == ["dear", "cheap"]
    assert (report.hourly_usd, report.saved_percent) == (2.5, 60)
    assert report.text.splitlines() == [
        "10.00 USD were spent in 7 days.",
        "That is 60 % less than list prices.",
        "What runs costs 2.50 USD an hour, 1825 USD in a month:",
        "dear (live on runpod): 2.00 USD an hour, 4.00 USD so far",
        "cheap (live on runpod): 0.50 USD an hour, 1.00 USD so far",
    ]


def test_where_nothing_costs_money_the_report_says_so() -> None:
    report = cost_report([costing("free", 0)], Spent(), NOW, 7)
    assert report.text == "0.00 USD were spent in 7 days.\nNothing costs money now."


async def test_costs_are_told_to_whoever_may_see(api: httpx.AsyncClient) -> None:
    told = (await api.get("/costs?days=3")).json()
    assert (told["days"], told["subject"].endswith("in 3 days")) == (3, True)
