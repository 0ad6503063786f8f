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
ENTRY = "tabular-prediction"
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


def on(cluster: str, folder: Path, name: str) -> list[str]:
    data = folder / "machines.csv"
    rows = "".join(f"{n},{n * 2},{'big' if n > 20 else 'small'}\n" for n in range(40))
    data.write_text(f"a,b,size\n{rows}")
    given = (f"kubeconfig={cluster}", f"data={data}", "target_column=size")
    settings = [word for each in given for word in ("--set", each)]
    return ["deploy", ENTRY, "--name", name, "--target", "k3s", *settings]


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
    platform: Platform, node: Node, config: Path, tmp_path: Path
) -> None:
    live = platform.json(*on(str(config), tmp_path, "sizes"))
    id = live["deployment_id"]
    assert live["place"]["namespace"] == id
    shown = platform.run("status", "sizes").stdout
    assert f"namespace {id}, by a tunnel: mlops tunnel sizes" in shown
    with tunnel(platform, "sizes") as url:
        headers = {"Authorization": f"Bearer {platform.key('sizes')}"}
        body = {"input": {"a": 35, "b": 70}}
        answer = httpx.post(f"{url}/predict", json=body, headers=headers, timeout=60)
        assert "big" in answer.text, answer.text
    assert platform.json("logs", "sizes", "--runtime", "--process", "api")["lines"]
    the_number_of_its_copies_is_a_revision(platform, node, on(str(config), tmp_path, "sizes"))
    platform.run("destroy", "sizes", "--yes")
    assert id not in [each["metadata"]["name"] for each in node.get("namespaces")]


def the_number_of_its_copies_is_a_revision(
    platform: Platform, node: Node, deploy: list[str]
) -> None:
    plan = json.loads(platform.run("scale", "sizes", "2", "--plan", "--json", fine=(2,)).stdout)
    assert [each["settings"] for each in plan["changes"]] == [["replicas"]]
    scaled = platform.json("scale", "sizes", "2")
    assert copies(node, scaled["deployment_id"]) == (2, 2)
    assert "revision 2, 2 replicas" in platform.run("status", "sizes").stdout
    again = platform.json(*deploy)
    assert (again["changed"], again["revision"], again["replicas"]) == (False, 2, 2)
    platform.run("rollback", "sizes")
    assert copies(node, scaled["deployment_id"]) == (1, 1)
    assert "revision 1\n" in platform.run("status", "sizes").stdout


def copies(node: Node, id: str) -> tuple[int, int]:
    """That are wanted, and that are of the newest revision."""
    (held,) = node.get("deployments", f"--namespace={id}")
    return held["spec"]["replicas"], held["status"]["updatedReplicas"]


def test_a_language_model_answers_from_the_pod_of_the_api(
    platform: Platform, node: Node, config: Path
) -> None:
    there = ("--target", "k3s", "--set", f"kubeconfig={config}")
    live = platform.json("deploy", "summarizer", "--name", "short", *there)
    with tunnel(platform, "short") as url:
        asked: Any = {"json": {"text": TEXT}, "timeout": 120}
        headers = {"Authorization": f"Bearer {platform.key('short')}"}
        answer = httpx.post(f"{url}/summarize", headers=headers, **asked)
        assert answer.json()["summary"], answer.text
        assert httpx.post(f"{url}/summarize", **asked).status_code == 401
    pods = node.get("pods", f"--namespace={live['deployment_id']}")
    assert [sorted(_ready(pod)) for pod in pods] == [["api", "litellm", "model-server"]]
    assert platform.json("logs", "short", "--runtime", "--process", "api")["lines"]
    platform.run("destroy", "short", "--yes")


def _ready(pod: dict[str, Any]) -> list[str]:
    return [one["name"] for one in pod["status"]["containerStatuses"] if one["ready"]]


def test_a_secret_of_windmill_may_hold_the_kubeconfig_and_what_is_wrong_is_told(
    platform: Platform, node: Node, tmp_path: Path
) -> None:
    dead = node.kubeconfig.replace(f":{node.ports['api']}", ":1")
    told = platform.run(*on("work", tmp_path, "lost"), "--yes", fine=(1,))
    assert "mlops/kubeconfigs/work" in told.stderr + told.stdout
    with platform.windmill() as windmill:
        variable = {"path": "f/mlops/kubeconfigs/work", "value": dead, "is_secret": True}
        body = {**variable, "description": ""}
        windmill.post("/variables/create", json=body).raise_for_status()
    told = platform.run(*on("work", tmp_path, "lost"), "--yes", fine=(1,))
    assert "cannot be reached" in told.stderr + told.stdout
    assert "Check that it is up" in platform.run("logs", "lost").stdout
