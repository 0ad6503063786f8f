"""A run that waits for an approval asks people, and a link answers once, in words."""

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.e2e.harness import EXAMPLES, Platform
from tests.n8n.answering import answer, links
from tests.n8n.conftest import NOTIFY_TOKEN, Sinks, until
from tests.n8n.server import N8nServer
from tests.n8n.signing import signed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("n8n")]
TRUSTED = {"Authorization": f"Bearer {NOTIFY_TOKEN}"}


def status(platform: Platform, id: str) -> dict[str, Any]:
    found: dict[str, Any] = platform.json("status", id, fine=(0, 1))
    return found


@pytest.fixture(scope="module")
def waiting(connected: Platform, n8n: N8nServer) -> Iterator[str]:
    """A run that asks, by its tracking id."""
    event: dict[str, Any] = {"pipeline": "rag-chatbot", "name": f"asks-{uuid.uuid4().hex[:4]}"}
    event |= {"target": "local", "inputs": {"documents": str(EXAMPLES)}, "approve": True}
    body = json.dumps(event).encode()
    sent = signed(connected.secrets["webhook_secret"], body)
    id = str(n8n.webhook("mlops-deploy", content=body, headers=sent).json()["id"])
    until(lambda: status(connected, id)["state"] == "waiting_for_approval")
    yield id
    connected.run("destroy", id, "--yes", fine=(0, 1))


def test_people_are_asked_with_the_plan_and_until_when(
    connected: Platform, waiting: str, sinks: Sinks
) -> None:
    name = status(connected, waiting)["name"]
    approve, reject = links(sinks, name).values()
    assert (approve.endswith("&answer=approve"), reject.endswith("&answer=reject")) == (True, True)
    text = next(each["text"] for each in sinks.channel.messages if approve in each["text"])
    assert re.search(r"Until \d{4}-\d\d-\d\d \d\d:\d\d UTC", text)
    assert "\n1. local " in text


def test_a_chat_that_looks_at_the_links_answers_nothing(
    connected: Platform, waiting: str, sinks: Sinks
) -> None:
    for link in links(sinks, status(connected, waiting)["name"]).values():
        assert httpx.get(link).is_success
        assert httpx.head(link).status_code < 500
    assert status(connected, waiting)["state"] == "waiting_for_approval"


@pytest.mark.parametrize("forged", ["", "a.b.c", "unsigned", "changed", "late"])
def test_who_was_not_asked_is_told_so_and_nothing_happens(
    connected: Platform, n8n: N8nServer, waiting: str, sinks: Sinks, forged: str
) -> None:
    link = links(sinks, status(connected, waiting)["name"])["Approve"]
    question = parse_qs(urlsplit(link).query)["question"][0]
    head, claims, signature = question.split(".")
    none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"  # {"alg":"none","typ":"JWT"}
    tried = {
        "unsigned": f"{none}.{claims}.",
        "changed": f"{head}.{claims[::-1]}.{signature}",
        "late": late(n8n, sinks, waiting) if forged == "late" else "",
    }
    page = answer(link.replace(question, tried.get(forged, forged)))
    assert "Nothing was changed This link asks nothing" in page
    assert status(connected, waiting)["state"] == "waiting_for_approval"


def late(n8n: N8nServer, sinks: Sinks, run: str) -> str:
    """Signed by n8n itself, and over already."""
    asked = {"subject": "late", "text": f"late {run}", "run": run, "question": "q", "seconds": -1}
    assert n8n.webhook("mlops-approval", json=asked, headers=TRUSTED).is_success
    return parse_qs(urlsplit(links(sinks, f"late {run}")["Approve"]).query)["question"][0]


def test_only_who_has_the_token_asks_people(connected: Platform, n8n: N8nServer) -> None:
    assert n8n.webhook("mlops-approval", json={"text": "press here"}).status_code == 403


def test_what_is_rejected_ends_and_pressing_again_changes_nothing(
    connected: Platform, waiting: str, sinks: Sinks
) -> None:
    """The last: the run is over after it."""
    name = status(connected, waiting)["name"]
    asked = links(sinks, name)
    assert f"Rejected {name} ends here." in answer(asked["Reject"])
    until(lambda: status(connected, waiting)["state"] == "failed")
    for link in asked.values():
        told = f"Nothing was changed {name} no longer asks this: it was answered"
        assert told in answer(link)
    assert status(connected, waiting)["state"] == "failed"
