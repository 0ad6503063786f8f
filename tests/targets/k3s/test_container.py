"""The container that a manifest describes, built from our Dockerfile and run by a real Docker.

What the kubelet does is done here by hand: `$$`, secrets, ConfigMaps.
"""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.docker_engine.engine import Container, Engine
from tests.serving.image import build_image
from tests.targets.support import deployment, settled
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.provision.health import Probe, wait_until_healthy
from windmill.scripts.targets.k3s import images as workloads
from windmill.scripts.targets.k3s.container import Workload
from windmill.scripts.targets.k3s.manifests import USER, labels_of, resources
from windmill.scripts.targets.k3s.target import K3s
from windmill.scripts.targets.k3s.workload import workload_of
from windmill.scripts.targets.protocol import Order

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("docker")]
KEY = "canary-api-key-0123456789"
ROWS = "".join(f"{n},{n * 2},{'big' if n > 20 else 'small'}\n" for n in range(60))
ASKED = {"input": {"a": 55, "b": 110}}


@pytest.fixture(scope="module")
def image(docker_engine: Engine) -> str:
    return build_image(docker_engine, "mlops/serving-ml:test", "serving-ml")


@pytest.fixture
def order(catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Order:
    data = tmp_path / "machines $(API_KEY).csv"
    data.write_text(f"a,b,size\n{ROWS}")
    monkeypatch.setenv(workloads.IMAGE, "mlops/{environment}:test")
    monkeypatch.setenv("MLOPS_DATA_ROOTS", str(tmp_path))
    inputs = {"data": str(data), "target_column": "size"}
    one = deployment("churn-1", name="churn", target="k3s", ports={"api": 8000}, revision=1)
    return Order(one, settled(catalog, "tabular-prediction", **inputs), catalog.components)


@pytest.fixture
def running(docker_engine: Engine, image: str, order: Order, tmp_path: Path) -> Iterator[Container]:
    workload = workload_of(order)
    made = {one["kind"]: one for one in resources(order.deployment, workload)}
    (container,) = made["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == image
    options = [*_locked_down(container), *_environment(container)]
    options += _mounts(container, config_maps(workload), tmp_path)
    arguments = [told_by_kubernetes(word) for word in container["args"]]
    one = docker_engine.run(image, *arguments, options=tuple(options))
    yield one
    one.remove()


def config_maps(workload: Workload) -> dict[str, Mapping[str, bytes]]:
    """Of each volume, by the names of its keys."""
    told = workload.documents.config_map("churn-1", labels_of("churn-1"))["binaryData"]
    return {
        "pipeline": {"pipeline.json": workload.graph.encode()},
        "documents": {key: base64.b64decode(data) for key, data in told.items()},
    }


def told_by_kubernetes(text: str) -> str:
    """None of the texts names a variable, which the test of the manifests proves."""
    return text.replace("$$", "$")


def _locked_down(container: dict[str, Any]) -> list[str]:
    rights, memory = container["securityContext"], container["resources"]["limits"]["memory"]
    assert rights["readOnlyRootFilesystem"]
    drop = [f"--cap-drop={name}" for name in rights["capabilities"]["drop"]]
    options = ["--read-only", f"--user={USER}:{USER}", "--security-opt=no-new-privileges"]
    return [*options, *drop, f"--memory={memory}"]


def _environment(container: dict[str, Any]) -> list[str]:
    values = {one["name"]: one.get("value") for one in container["env"]}
    told = {name: KEY if v is None else told_by_kubernetes(v) for name, v in values.items()}
    return [f"--env={name}={value}" for name, value in told.items()]


def _mounts(
    container: dict[str, Any], maps: Mapping[str, Mapping[str, bytes]], folder: Path
) -> list[str]:
    options = []
    for mount in container["volumeMounts"]:
        if "subPath" not in mount:
            options.append(f"--tmpfs={mount['mountPath']}:uid={USER},gid={USER}")
            continue
        file = folder / f"{mount['name']}-{mount['subPath']}"
        file.write_bytes(maps[mount["name"]][mount["subPath"]])
        options.append(f"--mount=type=bind,readonly,source={file},target={mount['mountPath']}")
    return options


def test_it_answers_as_nobody_on_a_disk_that_it_cannot_write(
    running: Container, order: Order
) -> None:
    url = f"http://{running.address}:8000"
    (probe,) = K3s().probes(order.deployment, ())
    healthy = Probe("api", f"{url}{httpx.URL(probe.url).path}", probe.log)
    try:
        wait_until_healthy([healthy], 120, print)
    except Exception as error:
        raise AssertionError(running.logs()) from error
    named = {"Host": httpx.URL(probe.url).netloc.decode()}
    key = {"Authorization": f"Bearer {KEY}"}
    answer = httpx.post(f"{url}/predict", json=ASKED, headers={**named, **key})
    assert answer.status_code == 200, answer.text
    assert "big" in answer.text
    assert httpx.post(f"{url}/predict", json=ASKED, headers=named).status_code == 401
    assert running.run("id", "-u") == str(USER)
