"""The whole way, for real: a signed event, processes of this machine, and people who are told."""

import json
import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import EXAMPLES, Platform
from tests.n8n.answering import answer, links
from tests.n8n.conftest import Sinks, until
from tests.n8n.server import N8nServer
from tests.n8n.signing import signed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("n8n")]
QUESTION = "How many days may a rented GPU stay idle before it is returned?"


@pytest.fixture(scope="module")
def run(connected: Platform, n8n: N8nServer, sinks: Sinks) -> Iterator[str]:
    """Its tracking id; the gateway dies as soon as it has answered, and is started again. Then
    somebody approves it, by a link that came to the channel."""
    event: dict[str, Any] = {"pipeline": "rag-chatbot", "name": f"by-event-{uuid.uuid4().hex[:4]}"}
    event |= {"target": "local", "inputs": {"documents": str(EXAMPLES)}, "approve": True}
    body = json.dumps(event).encode()
    sent = signed(connected.secrets["webhook_secret"], body)
    accepted = n8n.webhook("mlops-deploy", content=body, headers=sent)
    assert accepted.status_code == 202, accepted.text
    os.kill(connected.parts["gateway"]["pid"], signal.SIGKILL)
    connected.run("up")
    id = str(accepted.json()["id"])
    pressed = answer(links(sinks, event["name"])["Approve"])
    assert f"Approved {event['name']} goes on." in pressed
    yield id
    connected.run("destroy", id, "--yes", fine=(0, 1))


@pytest.fixture(scope="module")
def live(connected: Platform, run: str) -> dict[str, Any]:
    def over() -> dict[str, Any] | None:
        status: dict[str, Any] = connected.json("status", run, fine=(0, 1))
        return status if status["state"] in {"live", "failed", "degraded"} else None

    ended: dict[str, Any] = until(over)
    return ended


def test_it_runs_and_answers_although_the_gateway_was_restarted(
    connected: Platform, live: dict[str, Any]
) -> None:
    assert live["state"] == "live", live
    with connected.api(live["name"]) as api:
        answer = api.post("/chat", json={"question": QUESTION})
    assert "may stay idle for two days" in answer.json()["sources"][0]["passage"]


def test_people_are_told_by_mail_and_in_their_channel(live: dict[str, Any], sinks: Sinks) -> None:
    told = f"{live['name']} revision 1 is live at {live['endpoint_url']}"
    assert {"text": told} in sinks.channel.messages
    asked, mail = sinks.smtp.mails_about(live["name"])
    assert asked["subject"] == f"{live['name']}: Deploy it as planned?"
    assert mail.get_content().strip() == told


def test_with_n8n_down_it_is_deployed_all_the_same_and_that_nobody_was_told_is_said(
    connected: Platform, live: dict[str, Any], unreachable: None
) -> None:
    again = connected.run(
        "deploy", "rag-chatbot", "--target", "local", "--name", live["name"],
        "--set", f"documents={EXAMPLES}",
    )  # fmt: skip
    assert "nothing changed" in again.stdout
    events = connected.run("logs", live["deployment_id"]).stdout
    assert "nobody could be told: n8n does not answer" in events


def test_who_was_refused_is_told_as_well(
    connected: Platform, n8n: N8nServer, sinks: Sinks, tmp_path: Path
) -> None:
    event: dict[str, Any] = {
        "pipeline": "rag-chatbot",
        "target": "local",
        "inputs": {"documents": str(tmp_path)},
    }
    body = json.dumps(event).encode()
    sent = signed(connected.secrets["webhook_secret"], body)
    assert n8n.webhook("mlops-deploy", content=body, headers=sent).status_code == 202
    until(lambda: any(str(tmp_path) in message["text"] for message in sinks.channel.messages))


def test_what_is_destroyed_is_told_and_no_longer_watched(
    connected: Platform, live: dict[str, Any], sinks: Sinks
) -> None:
    watched = connected.targets_file(live["deployment_id"])
    assert watched.exists()
    connected.run("destroy", live["deployment_id"], "--yes")
    assert not watched.exists()
    told = f"{live['name']} is destroyed; nothing of it is left"
    assert {"text": told} in sinks.channel.messages
