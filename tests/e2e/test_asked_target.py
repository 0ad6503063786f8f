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


def until(gateway: httpx.Client, run: str, *states: str) -> dict[str, Any]:
    for _ in range(600):
        status: dict[str, Any] = gateway.get(f"/pipelines/{run}/status").json()
        if status["state"] in states:
            return status
        time.sleep(0.2)
    raise AssertionError(f"still {status}")
