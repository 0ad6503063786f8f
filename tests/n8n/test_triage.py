"""Alerts looked at before people are told: once each, and what policy allows is done once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.harness import Platform
from tests.n8n.conftest import NOTIFY_TOKEN, Sinks
from tests.n8n.server import N8nServer
from tests.n8n.test_alerts import ANNOTATIONS, TIMES
from tests.n8n.test_workflows import live, registry
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.store.registry import Registry

__all__ = ["live", "registry"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("n8n")]
AUTHORIZED = {"Authorization": f"Bearer {NOTIFY_TOKEN}"}
DEPLOY = "f/mlops/ml_pipeline_deployment"
TIMES_TWENTY = 20
# As a pair of Alertmanagers would.
AT_ONCE = 2


def group(deployment: str, name: str = "DeploymentDown", status: str = "firing") -> dict[str, Any]:
    """As Alertmanager sends it: one alert of one deployment."""
    labels = {"alertname": name, "deployment": deployment}
    alert = {"labels": labels, "annotations": ANNOTATIONS, **TIMES}
    alert |= {"status": status, "fingerprint": f"{name} {deployment}"}
    return {"status": status, "groupLabels": labels, "commonLabels": labels, "alerts": [alert]}


def send(n8n: N8nServer, body: Any) -> int:
    return n8n.webhook("mlops-triage", json=body, headers=AUTHORIZED).status_code


def told(sinks: Sinks, since: int) -> list[str]:
    """Of alerts: what becomes of a run that one started is told as well, some time."""
    texts = [each["text"] for each in sinks.channel.messages[since:]]
    return [text for text in texts if text.startswith(("firing: ", "resolved: "))]


def runs(platform: Platform, deployment: str) -> list[str]:
    """Deploys of it that anybody began."""
    with platform.windmill() as windmill:
        listed = windmill.get("/jobs/list", params={"script_path_exact": DEPLOY}).json()
        jobs = [windmill.get(f"/jobs_u/get/{each['id']}").json() for each in listed]
    return [job["id"] for job in jobs if job["args"]["pipeline"].get("name") == deployment]


@pytest.fixture
def before(sinks: Sinks) -> int:
    return len(sinks.channel.messages)


def test_the_same_alert_twenty_times_is_one_action_that_people_are_told_of(
    connected: Platform, n8n: N8nServer, sinks: Sinks, live: Deployment, before: int
) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = list(pool.map(lambda _: send(n8n, group(live.name)), range(TIMES_TWENTY)))
    assert set(codes) == {200}
    (run,) = runs(connected, live.name)
    done = f"firing: {ANNOTATIONS['summary']}. {ANNOTATIONS['description']}\n"
    done += f"{live.name} is deployed again: mlops status {run}"
    texts = told(sinks, before)
    assert set(texts) == {done}
    # Two that came at once may both be told of; none that came after them is.
    assert len(texts) <= AT_ONCE


def test_what_went_wrong_since_a_revision_goes_back_to_the_one_before(
    connected: Platform,
    n8n: N8nServer,
    sinks: Sinks,
    registry: Registry,
    live: Deployment,
    before: int,
) -> None:
    nodes = [{"id": "newer", "component": "documents"}]
    newer = Pipeline.model_validate({"name": live.name, "nodes": nodes})
    run = str(uuid.uuid4())
    registry.begin(newer, run, run, lambda _: True)
    registry.assign_target(live.id, Target.local, {"api": 9000})
    registry.mark_changed(live.id)
    assert registry.finish(live.id, State.live).live_revision == 2
    for _ in range(2):
        assert send(n8n, group(live.name, "AnswersSlow")) == 200
    (run,) = runs(connected, live.name)
    with connected.windmill() as windmill:
        asked = windmill.get(f"/jobs_u/get/{run}").json()["args"]["pipeline"]
    assert [node["id"] for node in asked["nodes"]] == ["docs"]
    (text,) = told(sinks, before)
    assert text.endswith(f"\n{live.name} is rolled back: mlops status {run}")


def test_what_is_over_is_told_once_and_nothing_is_done(
    connected: Platform, n8n: N8nServer, sinks: Sinks, live: Deployment, before: int
) -> None:
    for _ in range(2):
        assert send(n8n, group(live.name, status="resolved")) == 200
    (text,) = told(sinks, before)
    assert text.startswith("resolved: ")
    assert runs(connected, live.name) == []


@pytest.mark.parametrize("name", ["AnomaliesFound", "constructor"])
def test_what_no_policy_names_is_told_and_nothing_is_done(
    connected: Platform,
    n8n: N8nServer,
    sinks: Sinks,
    live: Deployment,
    before: int,
    name: str,
) -> None:
    assert send(n8n, group(live.name, name)) == 200
    (text,) = told(sinks, before)
    assert text == f"firing: {ANNOTATIONS['summary']}. {ANNOTATIONS['description']}"
    assert runs(connected, live.name) == []


@pytest.mark.parametrize("hostile", ["../../access/keys", "={{ $env.X }}", "a\nb", "no-such-one"])
def test_what_the_gateway_refuses_is_told_in_its_words(
    connected: Platform, n8n: N8nServer, sinks: Sinks, before: int, hostile: str
) -> None:
    assert send(n8n, group(hostile)) == 200
    (text,) = told(sinks, before)
    assert "\nNothing could be done: " in text


def test_an_alert_that_not_everybody_got_is_told_again(
    connected: Platform, n8n: N8nServer, sinks: Sinks, live: Deployment, before: int
) -> None:
    sinks.channel.status = 500
    try:
        assert send(n8n, group(live.name, "ManyErrors")) == 502
    finally:
        sinks.channel.status = 200
    assert send(n8n, group(live.name, "ManyErrors")) == 200
    assert len(told(sinks, before)) == 1


def test_an_alert_without_the_token_is_nobody_s(
    connected: Platform, n8n: N8nServer, live: Deployment
) -> None:
    assert n8n.webhook("mlops-triage", json=group(live.name)).status_code == 403
    assert runs(connected, live.name) == []
