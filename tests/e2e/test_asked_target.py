"""A target that was left open is asked for at run time, and the run waits for the answer."""

import time
from typing import Any

import httpx
import pytest

from tests.e2e.harness import Platform

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("second platform"),
]


def test_a_run_without_a_target_waits_and_goes_on_when_told(platform: Platform) -> None:
    with platform.gateway() as gateway:
        body = {"pipeline": "embeddings-api", "name": "asker"}
        answer = gateway.post("/pipelines/deploy", json=body)
        assert answer.status_code == 202
        run = answer.json()["id"]
        status = until(gateway, run, "waiting_for_target", "failed")
        assert status["state"] == "waiting_for_target", status
        gateway.post(f"/api/v1/pipelines/{run}/target", json={"target": "local"}).raise_for_status()
        status = until(gateway, run, "live", "failed")
        assert status["state"] == "live", status
        assert status["target"] == "local"
        assert gateway.delete(f"/pipelines/{status['deployment_id']}").status_code == 202
        until(gateway, status["deployment_id"], "destroyed")


def test_a_run_that_asks_for_approval_makes_nothing_before_it_and_a_refusal_leaves_what_is_live(
    platform: Platform,
) -> None:
    with platform.gateway() as gateway:
        refused = asking(gateway)
        answer(gateway, refused, approved=False)
        status = until(gateway, refused, "failed")
        assert "Disapproved" in status["error"]["message"]
        approved = asking(gateway)
        answer(gateway, approved, approved=True)
        live = until(gateway, approved, "live", "failed")
        assert live["state"] == "live", live
        update = asking(gateway)
        answer(gateway, update, approved=False)
        until(gateway, update, "failed")
        after = until(gateway, live["deployment_id"], "live", "degraded", "failed")
        assert (after["state"], after["revision"]) == ("live", live["revision"])
        gateway.delete(f"/pipelines/{live['deployment_id']}").raise_for_status()
        until(gateway, live["deployment_id"], "destroyed")


def asking(gateway: httpx.Client) -> str:
    """The run that waits, and has told what it would do."""
    body = {"pipeline": "embeddings-api", "name": "approved", "target": "local", "approve": True}
    sent = gateway.post("/pipelines/deploy", json=body)
    assert sent.status_code == 202, sent.text
    run = str(sent.json()["id"])
    (question,) = until(gateway, run, "waiting_for_approval", "failed")["questions"]
    assert question["asks"] == "approval"
    assert any("terraform: " in line for line in question["plan"]), question
    assert any("1. local" in line for line in question["plan"]), question
    return run


def answer(gateway: httpx.Client, run: str, approved: bool) -> None:
    sent = gateway.post(f"/api/v1/pipelines/{run}/approve", json={"approved": approved})
    assert sent.status_code == 202, sent.text


def until(gateway: httpx.Client, run: str, *states: str) -> dict[str, Any]:
    for _ in range(600):
        status: dict[str, Any] = gateway.get(f"/pipelines/{run}/status").json()
        if status["state"] in states:
            return status
        time.sleep(0.2)
    raise AssertionError(f"still {status}")
