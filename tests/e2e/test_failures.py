"""What goes wrong is told in words, leaves nothing behind and can be run again."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import Platform, broken_asset

QUICK = "embeddings-api"  # has no model server that takes its time to start
STUMBLE = """pre_tasks:
    - name: Stumble
      ansible.builtin.fail: {msg: over a stone}
  roles:"""
RECORD = "triggers_replace = var.deployment_id"
SLOWLY = """provisioner "local-exec" {
    command = "sleep 6"
  }
  """

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("second platform"),
]


def deploy(
    platform: Platform, name: str, *what: str, fine: tuple[int, ...] = (1,)
) -> subprocess.CompletedProcess[str]:
    return platform.run("deploy", *what, "--target", "local", "--name", name, fine=fine)


def nothing_is_left(platform: Platform, deployment_id: str) -> bool:
    return not platform.processes_of(deployment_id) and not (
        platform.deployment_folder(deployment_id).exists()
    )


def test_a_failing_ansible_task_is_named_and_what_was_made_is_destroyed(
    platform: Platform,
) -> None:
    with broken_asset(
        platform,
        "ansible",
        "deploy_ml_pipeline.yml",
        "roles:",
        STUMBLE,
    ):
        told = deploy(platform, "stumbler", QUICK)
    assert "Stumble" in told.stdout + told.stderr
    assert "over a stone" in told.stdout + told.stderr
    found = platform.json("status", "stumbler", fine=(0, 1))
    assert found["state"] == "failed"
    assert nothing_is_left(platform, found["deployment_id"])
    deploy(platform, "stumbler", QUICK, fine=(0,))
    assert platform.json("status", "stumbler")["state"] == "live"
    platform.run("destroy", "stumbler", "--yes")


def test_a_model_server_that_never_gets_healthy_is_told_and_destroyed(
    platform: Platform, documents: Path
) -> None:
    with (
        broken_asset(
            platform,
            "ansible",
            "model_server.py",
            "def main(",
            "import time; time.sleep(900)\ndef main(",
        ),
        short_patience(platform),
    ):
        told = deploy(platform, "sleeper", "rag-chatbot", f"--set=documents={documents}")
    assert "model-server was not healthy" in told.stdout + told.stderr
    found = platform.json("status", "sleeper", fine=(0, 1))
    assert found["state"] == "failed"
    assert nothing_is_left(platform, found["deployment_id"])
    platform.run("destroy", "sleeper", "--yes")


@contextmanager
def short_patience(platform: Platform) -> Iterator[None]:
    """Health is given up after some seconds instead of two minutes."""
    path = "f/mlops/ml_pipeline_deployment"
    with platform.windmill() as windmill:
        good = windmill.get(f"/flows/get/{path}").json()
        keep = {key: good[key] for key in ("path", "summary", "description", "value", "schema")}
        health = next(m for m in good["value"]["modules"] if m["id"] == "health")
        transforms = health["value"]["input_transforms"]
        before = transforms["patience_seconds"]
        transforms["patience_seconds"] = {"type": "static", "value": 6}
        windmill.post(f"/flows/update/{path}", json=keep).raise_for_status()
        try:
            yield
        finally:
            transforms["patience_seconds"] = before
            windmill.post(f"/flows/update/{path}", json=keep).raise_for_status()


def test_an_engine_killed_in_the_middle_of_apply_is_resumed(platform: Platform) -> None:
    with broken_asset(platform, "terraform", "local/main.tf", RECORD, SLOWLY + RECORD):
        started = platform.json(
            "deploy", QUICK, "--target", "local", "--name", "phoenix", "--no-wait"
        )
        wait_for(lambda: step(platform, started["id"], "apply")["state"] == "running")
        wait_for(lambda: sleeping_provisioners())
        os.kill(platform.parts["engine"]["pid"], signal.SIGKILL)
        platform.run("up")
        wait_for(lambda: has_ended(platform, started["id"]), 180)
    found = platform.json("status", started["id"], fine=(0, 1))
    assert found["state"] == "live", found["error"]
    assert [s["state"] for s in found["steps"]] == ["done"] * 8
    assert len([d for d in platform.json("ls") if d["name"] == "phoenix"]) == 1
    platform.run("destroy", "phoenix", "--yes")
    assert nothing_is_left(platform, found["deployment_id"])


def has_ended(platform: Platform, run: str) -> bool:
    return status(platform, run)["state"] in ("live", "failed", "degraded")


def sleeping_provisioners() -> bool:
    import psutil

    return any(p.info["cmdline"] == ["sleep", "6"] for p in psutil.process_iter(["cmdline"]))


def step(platform: Platform, run: str, step_id: str) -> Any:
    return next(s for s in status(platform, run)["steps"] if s["id"] == step_id)


def status(platform: Platform, run: str) -> Any:
    with platform.gateway() as gateway:
        return gateway.get(f"/pipelines/{run}/status").json()


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.2)
