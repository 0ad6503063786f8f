"""Every query of every dashboard, evaluated by a real Prometheus over what it really scraped of a
real engine, gateway and pipeline."""

import asyncio
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.watching.lines import DeploymentLines, lines
from monitoring.grafana.render import dashboards
from tests.gateway.stack import TOKEN, Stack, running_gateway, running_stack
from tests.monitoring.prometheus import METRICS_TOKEN, Prometheus, running_prometheus, until
from tests.serving.llm_double import LlmDouble
from tests.serving.support import PAGES, chatbot, live_api, write_pdf
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.charge import Price
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.provision.metrics_targets import forget_targets, register_targets

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("prometheus")]
PANELS = {
    f"{name}: {panel.title}": panel for name, each in dashboards().items() for panel in each.panels
}
QUERIES = [
    pytest.param(query, id=f"{title}, {legend}")
    for title, panel in PANELS.items()
    for legend, query in panel.queries.items()
]
GPU_PERCENT, USD_PER_HOUR = 37.0, 0.5  # what the stand-ins below say
PRICE = Price(target=Target.runpod, offer="A100", hourly_usd=1.5, list_usd=4.0)


@dataclass(frozen=True)
class Watched:
    prometheus: Prometheus
    api: httpx.Client
    engine_url: str
    gateway_url: str
    deployment: Deployment

    def work(self) -> None:
        """Rates need requests that go on."""
        self.api.post("/chat", json={"question": "How long may a GPU stay idle?", "stream": False})
        httpx.get(f"{self.gateway_url}/health")

    def evaluate(self, expression: str) -> list[float]:
        """As Grafana sends it, with its variables filled in."""
        filled = expression.replace("$deployment", ".*")
        return self.prometheus.numbers(filled.replace("$__rate_interval", "5s"))


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    write_pdf(folder / "documents.pdf", PAGES)
    llm, drawing = LlmDouble(), chatbot(folder / "documents.pdf")
    with (
        pytest.MonkeyPatch.context() as patch,
        running_stack(folder) as stack,
        running_gateway(stack, folder, MLOPS_METRICS_TOKEN=METRICS_TOKEN) as gateway_url,
        running_prometheus(
            folder / "monitoring", {"engine": stack.engine_url, "gateway": gateway_url}
        ) as prometheus,
    ):
        paid = deploy_one_that_is_paid_for(stack)
        httpx.post(f"{gateway_url}/pipelines/{paid}/rating", json={"score": 9}).raise_for_status()
        patch.setenv("PATH", f"{nvidia_smi(folder)}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("MLOPS_MONITORING_TARGETS", str(folder / "monitoring" / "targets"))
        with live_api(drawing, folder / "data", llm.url) as api:
            deployment = deployed(drawing, str(api.base_url))
            assert register_targets(deployment) == 1
            until(lambda: prometheus.healthy("deployments"), lambda: "the target is not found")
            watched = Watched(prometheus, api, stack.engine_url, gateway_url, deployment)
            llm.mode = "error"
            watched.work()
            llm.mode = "fine"
            yield watched
    llm.close()


def deploy_one_that_is_paid_for(stack: Stack) -> str:
    """As its steps tell the registry: chosen, live after a moment. Gives its id."""
    registry = stack.registry()
    drawing = Pipeline(name="paid", nodes=(Node(id="docs", component="documents"),))
    found = registry.begin(drawing, "run-of-paid", "run-of-paid", lambda _: True)
    registry.assign_target(found.id, Target.runpod, {"api": 9000}, price=PRICE)
    registry.record(found.id, "health", "every process answers", "info")
    registry.finish(found.id, State.live)
    registry.engine.dispose()
    return found.id


def nvidia_smi(folder: Path) -> Path:
    tools = folder / "tools"
    tools.mkdir()
    (tools / "nvidia-smi").write_text(f"#!/bin/sh\necho {GPU_PERCENT:.0f}\n")
    (tools / "nvidia-smi").chmod(0o755)
    return tools


def deployed(drawing: dict[str, Any], api_url: str) -> Deployment:
    return Deployment(
        id=drawing["deployment_id"],
        name=drawing["name"],
        target=Target.local,
        state=State.live,
        urls={"api": api_url, "metrics": f"{api_url}/metrics"},
        created_at=datetime.now(UTC),
        updated_at=datetime.now(UTC),
    )


@pytest.mark.parametrize("expression", QUERIES)
def test_every_panel_shows_numbers(watched: Watched, expression: str) -> None:
    def numbers() -> list[float]:
        watched.work()
        found = watched.evaluate(expression)
        return found if not any(map(math.isnan, found)) else []

    assert min(until(numbers, lambda: f"no series: {expression}")) >= 0


def test_the_builder_s_lines_lead_to_what_is_now_and_only_of_what_one_sees(
    watched: Watched,
) -> None:
    url, id = str(watched.prometheus.http.base_url), watched.deployment.id

    def found(shown: set[str]) -> dict[str, DeploymentLines]:
        watched.work()
        told = asyncio.run(lines(url, datetime.now(UTC), shown))
        assert told.unknown_because == ""
        return told.deployments

    def known() -> DeploymentLines | None:
        mine = found({id, "another"}).get(id)
        return mine if mine and mine.seconds and mine.seconds[-1] else None

    mine = until(known, lambda: "no lines")
    assert [len(each) for each in (mine.requests, mine.seconds)] == [31, 31]
    assert mine.requests[-1] > 0
    assert 0 <= mine.errors[-1] <= 1
    assert mine.requests[0] is None  # an hour ago nothing of it was there
    assert found({"another"}) == {}


def test_savings_are_beside_the_list_price(watched: Watched) -> None:
    (query,) = PANELS["kpis: Saved beside list prices"].queries.values()
    assert PRICE.list_usd
    (saved,) = until(lambda: watched.evaluate(query), lambda: "no savings")
    assert saved == pytest.approx(1 - PRICE.hourly_usd / PRICE.list_usd, abs=0.01)


def test_gpu_and_cost_are_those_of_the_machine(watched: Watched) -> None:
    (busy,) = PANELS["gpu: Busy"].queries.values()
    (paid,) = PANELS["gpu: Paid an hour"].queries.values()
    (idle,) = PANELS["gpu: Paid and idle"].queries.values()
    found = [
        until(partial(watched.evaluate, each), lambda: "no series") for each in (busy, paid, idle)
    ]
    assert found == [[GPU_PERCENT], [USD_PER_HOUR], [0]]


def test_the_engine_counts_its_jobs(watched: Watched) -> None:
    def completed() -> list[float]:
        return watched.prometheus.numbers('jobs_completed_total{job="platform", success="true"}')

    before = until(completed, lambda: "the engine is not scraped")
    httpx.post(
        f"{watched.engine_url}/api/w/mlops/jobs/run_wait_result/preview",
        json={"content": "def main():\n    return 1", "language": "python3", "args": {}},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=60,
    ).raise_for_status()
    until(lambda: completed() == [before[0] + 1], completed)


def test_a_deployment_says_itself_who_it_is(watched: Watched) -> None:
    """Otherwise its labels would come as exported_deployment and no panel would find them."""
    (series,) = watched.prometheus.query("pipeline_documents")
    assert series["metric"]["deployment"] == watched.deployment.id
    assert series["metric"]["service"] == "api"
    assert not [label for label in series["metric"] if label.startswith("exported_")]


def test_what_is_destroyed_is_no_longer_watched(watched: Watched) -> None:
    forget_targets(watched.deployment.id)
    until(lambda: not watched.prometheus.query('up{job="deployments"}'), lambda: "still scraped")
    register_targets(watched.deployment)
    until(lambda: watched.prometheus.healthy("deployments"), lambda: "it does not come back")
