"""Our workflows in a real n8n: pushed from Git, started by signed events, telling people."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from cli.platform.home import Home
from sync.instances.n8n_webhooks import is_open
from tests.e2e.harness import Platform
from tests.n8n.conftest import NOTIFY_TOKEN, TELEGRAM_TOKEN, Sinks
from tests.n8n.server import N8nServer
from tests.n8n.signing import signed
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.store.messages import outbox
from windmill.scripts.store.registry import Registry

TRUSTED = {"Authorization": f"Bearer {NOTIFY_TOKEN}"}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("n8n")]
BODY = b'{"pipeline":  "rag-chatbot", "inputs": {"documents": "/no/such/f\xc3\xb6lder"}}'
DEPLOYING = ("deploy form", "deploy schedule", "deploy webhook")
NAMES = (
    "alert triage",
    "approval",
    "cost report",
    "error handler",
    "git push",
    "notify",
    *DEPLOYING,
)
OURS = {f"MLOps: {name}" for name in NAMES}


def test_up_pushes_and_publishes_the_workflows(connected: Platform, n8n: N8nServer) -> None:
    assert connected.json("sync", "plan")["actions"] == []
    assert {name for name in OURS if n8n.workflow(name)["active"]} == OURS


def test_who_is_told_of_errors_is_named_by_this_n8n_s_own_id(
    connected: Platform, n8n: N8nServer
) -> None:
    id = n8n.workflow("MLOps: error handler")["id"]
    assert n8n.workflow("MLOps: deploy webhook")["settings"]["errorWorkflow"] == id
    assert "errorWorkflow" not in n8n.workflow("MLOps: notify")["settings"]


def test_what_was_pushed_listens_and_asking_for_it_starts_nothing(
    connected: Platform, n8n: N8nServer
) -> None:
    with n8n.api as http:
        before = http.get("/executions").json()["data"]
        assert is_open(http, n8n.url, "mlops-deploy")
        assert is_open(http, n8n.url, "mlops-alert")
        assert not is_open(http, n8n.url, "mlops-nobody")
        assert http.get("/executions").json()["data"] == before


def test_an_unchanged_push_writes_nothing(connected: Platform, n8n: N8nServer) -> None:
    before = [n8n.workflow(name)["updatedAt"] for name in sorted(OURS)]
    done = connected.json("sync", "push")
    assert (done["create"], done["update"]) == (0, 0)
    assert [n8n.workflow(name)["updatedAt"] for name in sorted(OURS)] == before


def test_an_edit_in_n8n_is_drift_and_is_not_overwritten(
    connected: Platform, n8n: N8nServer
) -> None:
    row = n8n.workflow("MLOps: notify")
    body = {key: row[key] for key in ("name", "nodes", "connections")}
    nodes = [{**node, "position": [0, 300]} for node in row["nodes"]]
    with n8n.api as http:
        edited = {**body, "nodes": nodes, "settings": {}}
        assert http.put(f"/workflows/{row['id']}", json=edited).is_success
    told = connected.run("sync", "pull", "--dry-run")
    assert told.stdout.splitlines() == ["would change  n8n/workflows/notify.json"]
    refused = connected.run("sync", "push", fine=(1, 2))
    assert "Edited in n8n itself" in refused.stderr
    assert n8n.workflow("MLOps: notify")["nodes"] == nodes
    connected.run("sync", "push", "--force")
    assert n8n.workflow("MLOps: notify")["nodes"] == row["nodes"]


def test_no_secret_is_in_a_workflow_or_in_the_record(connected: Platform, n8n: N8nServer) -> None:
    with n8n.api as http:
        texts = [http.get("/workflows").text]
        for table in http.get("/data-tables").json()["data"]:
            texts.append(http.get(f"/data-tables/{table['id']}/rows").text)
    for secret in connected.secrets.values():
        assert not any(secret in text for text in texts)


def test_a_signed_event_starts_the_flow_once(connected: Platform, n8n: N8nServer) -> None:
    sent = signed(connected.secrets["webhook_secret"], BODY)
    answer = n8n.webhook("mlops-deploy", content=BODY, headers=sent)
    assert answer.status_code == 202, answer.text
    with connected.windmill() as windmill:
        job = windmill.get(f"/jobs_u/get/{answer.json()['id']}").json()
    assert job["script_path"] == "f/mlops/catalog/pipelines/rag-chatbot"
    assert job["args"]["documents"] == "/no/such/földer"
    refused(n8n.webhook("mlops-deploy", content=BODY, headers=sent))


@pytest.mark.parametrize(
    ("age", "changes"),
    [(0, {"webhook-signature": "v1,AAAA"}), (310, {}), (0, {"webhook-id": "another"})],
    ids=["signature", "age", "id"],
)
def test_what_the_gateway_refuses_n8n_refuses(
    connected: Platform, n8n: N8nServer, age: float, changes: dict[str, str]
) -> None:
    sent = signed(connected.secrets["webhook_secret"], BODY, age, **changes)
    refused(n8n.webhook("mlops-deploy", content=BODY, headers=sent))


def refused(answer: httpx.Response) -> None:
    assert answer.status_code == 401, answer.text
    assert answer.json()["error"]["code"] == "unauthorized"


@pytest.fixture
def registry(connected: Platform) -> Iterator[Registry]:
    keys = Home(connected.home, connected.home).registry_keys()
    registry = Registry(f"sqlite:///{connected.home / 'registry.db'}", keys=keys)
    yield registry
    registry.engine.dispose()


@pytest.fixture
def live(registry: Registry) -> Iterator[Deployment]:
    nodes = [{"id": "docs", "component": "documents"}]
    drawing = Pipeline.model_validate({"name": f"bot-{uuid.uuid4().hex[:6]}", "nodes": nodes})
    run = str(uuid.uuid4())
    found = registry.begin(drawing, run, run, lambda _: True)
    registry.assign_target(found.id, Target.local, {"api": 9000})
    registry.mark_changed(found.id)
    registry.publish(found.id, {"api": "http://127.0.0.1:9000"})
    yield registry.finish(found.id, State.live)
    # Nothing was created for it, so that nothing needs to be destroyed.
    registry.finish(found.id, State.destroyed)


def notify(platform: Platform, deployment: Deployment) -> Any:
    with platform.windmill() as windmill:
        url = "/jobs/run_wait_result/p/f/mlops/notify"
        answer = windmill.post(url, json={"deployment_id": deployment.id}, timeout=120)
    assert answer.is_success, answer.text
    return answer.json()


def words(registry: Registry, deployment: Deployment) -> list[str]:
    return [event.message for event in registry.events(deployment.id) if event.step == "notify"]


def test_people_are_told_by_mail_and_in_their_channel(
    connected: Platform, sinks: Sinks, registry: Registry, live: Deployment
) -> None:
    assert notify(connected, live)["state"] == "live"
    told = f"{live.name} revision 1 is live at http://127.0.0.1:9000"
    (mail,) = sinks.smtp.mails_about(live.name)
    assert mail["subject"] == f"{live.name}: live"
    assert mail["to"] == "ann@example.test, bob@example.test"
    assert mail.get_content().strip() == told
    assert {"text": told} in sinks.channel.messages
    assert words(registry, live) == [told, "people were told through n8n"]


def test_each_service_gets_its_own_form(connected: Platform, n8n: N8nServer, sinks: Sinks) -> None:
    told = {"subject": "bot: live", "text": "a < b & c\n@everyone look"}
    assert n8n.webhook("mlops-notify", json=told, headers=TRUSTED).json() == {"failed": []}
    assert sinks.others.sent_to("/slack")[-1] == {"text": told["text"]}
    discord = {"content": told["text"], "allowed_mentions": {"parse": []}}
    assert sinks.others.sent_to("/discord")[-1] == discord
    (card,) = sinks.others.sent_to("/teams")[-1]["attachments"]
    assert [block["text"] for block in card["content"]["body"]] == [told["subject"], told["text"]]
    telegram = sinks.others.sent_to(f"/bot{TELEGRAM_TOKEN}/sendMessage")[-1]
    assert (telegram["chat_id"], telegram["parse_mode"]) == ("-100123", "HTML")
    assert telegram["text"] == "a &lt; b &amp; c\n@everyone look"


def test_those_that_fail_are_named_and_stop_nobody_else(
    connected: Platform, n8n: N8nServer, sinks: Sinks
) -> None:
    told = {"subject": "bot: down", "text": f"down {uuid.uuid4()}"}
    sinks.others.status = 500
    try:
        answer = n8n.webhook("mlops-notify", json=told, headers=TRUSTED)
    finally:
        sinks.others.status = 200
    assert answer.json() == {"failed": ["Slack", "Teams", "Discord", "Telegram"]}
    assert {"text": told["text"]} in sinks.channel.messages
    assert len(sinks.smtp.mails_about("bot")) >= 1


def test_the_cost_report_reaches_people(connected: Platform, n8n: N8nServer, sinks: Sinks) -> None:
    assert n8n.webhook("mlops-cost-report", headers=TRUSTED).status_code == 200
    expected = connected.run("costs").stdout.strip()
    assert {"text": expected} in sinks.channel.messages


def test_a_channel_that_refuses_is_named_and_the_mail_still_goes(
    connected: Platform, sinks: Sinks, registry: Registry, live: Deployment
) -> None:
    sinks.channel.status = 500
    try:
        assert notify(connected, live)["state"] == "live"
    finally:
        sinks.channel.status = 200
    assert len(sinks.smtp.mails_about(live.name)) == 1
    assert words(registry, live)[-1] == "not everybody could be told: Channel did not take it"


def test_a_caller_without_the_token_cannot_notify(connected: Platform, n8n: N8nServer) -> None:
    answer = n8n.webhook("mlops-notify", content=json.dumps({"text": "hello"}))
    assert answer.status_code == 403


def test_where_n8n_does_not_answer_the_event_says_who_was_not_told(
    connected: Platform, registry: Registry, live: Deployment, unreachable: None
) -> None:
    assert notify(connected, live)["state"] == "live"
    assert words(registry, live)[-1] == "nobody could be told: n8n does not answer"
    with connected.windmill() as windmill:
        url = "/jobs/run_wait_result/p/f/mlops/deliver_notifications"
        assert windmill.post(url, json={}, timeout=120).json()["sent"] == 0
    assert [notice.deployment_id for notice in outbox.waiting(registry)].count(live.id) == 1


def test_where_no_n8n_is_set_nobody_is_waited_for(
    connected: Platform, registry: Registry, live: Deployment
) -> None:
    with connected.windmill() as windmill:
        assert windmill.delete("/variables/delete/f/mlops/n8n_notify_url").is_success
    try:
        assert notify(connected, live)["state"] == "live"
    finally:
        connected.run("sync", "push")
    assert len(words(registry, live)) == 1


def test_nothing_that_n8n_keeps_has_a_secret_of_ours(
    connected: Platform, n8n: N8nServer, live: Deployment
) -> None:
    """Workflows, executions, credentials, logs: after events, refusals and notifications."""
    marked = b'{"pipeline": "rag-chatbot", "inputs": {"documents": "/marked-for-the-search"}}'
    for body in (BODY, marked):
        n8n.webhook(
            "mlops-deploy", content=body, headers=signed(connected.secrets["webhook_secret"], body)
        )
    notify(connected, live)
    kept = {path: path.read_bytes() for path in n8n.folder.rglob("*") if path.is_file()}
    assert any(b"MLOps: deploy webhook" in content for content in kept.values())
    for name, secret in connected.secrets.items():
        found = [path.name for path, content in kept.items() if secret.encode() in content]
        assert not found, f"{name} stands in {found}"
