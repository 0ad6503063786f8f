"""The whole way, as a person goes it: `mlops deploy --target k3s`, asked through a tunnel, gone."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.harness import MLOPS, OURS, Platform
from tests.kubernetes.images import IMAGE
from tests.kubernetes.node import Node
from tests.tools.needs import need
from windmill.scripts.targets.k3s import images, kubeconfig

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("kubernetes")]
TEXT = "Rented machines are returned once idle for two days, for every hour of them is paid."


@pytest.fixture(scope="module")
def config(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("kube") / "config"
    file.write_text(node.kubeconfig)
    return file


@pytest.fixture(scope="module")
def platform(node: Node, config: Path) -> Iterator[Platform]:
    path = f"{need('kubectl').parent}{os.pathsep}{os.environ['PATH']}"
    settings = {"PATH": path, kubeconfig.ALLOWED: str(config), images.IMAGE: IMAGE}
    with tempfile.TemporaryDirectory(prefix="mlops-") as folder:
        platform = Platform(Path(folder), settings)
        try:
            platform.run("up")
            yield platform
        finally:
            platform.run("down", "--destroy", fine=(0, 1, 2))


def on(cluster: str, name: str) -> list[str]:
    """One that asks a language model: LiteLLM and llama.cpp stand beside its API."""
    entry = ("deploy", "summarizer", "--name", name)
    return [*entry, "--target", "k3s", "--set", f"kubeconfig={cluster}"]


@contextmanager
def tunnel(platform: Platform, name: str) -> Iterator[str]:
    """The API's address on this machine."""
    with subprocess.Popen(
        [str(MLOPS), "tunnel", name, "--json"],
        env={**os.environ, **platform.environment, **OURS, "MLOPS_HOME": str(platform.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout
            told: dict[str, Any] = json.loads(process.stdout.readline())
            yield str(told["urls"]["api"])
        finally:
            process.send_signal(signal.SIGINT)


def test_a_pipeline_is_deployed_to_a_cluster_asked_and_destroyed(
    platform: Platform, node: Node, config: Path
) -> None:
    live = platform.json(*on(str(config), "short"))
    id = live["deployment_id"]
    assert live["place"]["namespace"] == id
    shown = platform.run("status", "short").stdout
    assert f"namespace {id}, by a tunnel: mlops tunnel short" in shown
    with tunnel(platform, "short") as url:
        headers = {"Authorization": f"Bearer {platform.key('sizes')}"}
        asked: Any = {"json": {"text": TEXT}, "timeout": 120}
        answer = httpx.post(f"{url}/summarize", headers=headers, **asked)
        assert answer.json()["summary"], answer.text
        assert httpx.post(f"{url}/summarize", **asked).status_code == 401
    pods = node.get("pods", f"--namespace={id}")
    assert [sorted(_running(pod)) for pod in pods] == [["api", "litellm", "model-server"]]
    assert platform.json("logs", "short", "--runtime", "--process", "api")["lines"]
    platform.run("destroy", "short", "--yes")
    assert id not in [each["metadata"]["name"] for each in node.get("namespaces")]


def _running(pod: dict[str, Any]) -> list[str]:
    return [one["name"] for one in pod["status"]["containerStatuses"] if one["ready"]]


def test_a_secret_of_windmill_may_hold_the_kubeconfig_and_what_is_wrong_is_told(
    platform: Platform, node: Node
) -> None:
    dead = node.kubeconfig.replace(f":{node.ports['api']}", ":1")
    told = platform.run(*on("work", "lost"), "--yes", fine=(1,))
    assert "mlops/kubeconfigs/work" in told.stderr + told.stdout
    with platform.windmill() as windmill:
        variable = {"path": "f/mlops/kubeconfigs/work", "value": dead, "is_secret": True}
        body = {**variable, "description": ""}
        windmill.post("/variables/create", json=body).raise_for_status()
    told = platform.run(*on("work", "lost"), "--yes", fine=(1,))
    assert "cannot be reached" in told.stderr + told.stdout
    assert "Check that it is up" in platform.run("logs", "lost").stdout
