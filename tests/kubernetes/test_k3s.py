"""A pipeline on a real Kubernetes: deployed, asked, updated without an outage, restarted, gone."""

import os
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.kubernetes.images import IMAGE
from tests.kubernetes.node import Node
from tests.targets.support import deployment, settled
from tests.tools.needs import need
from windmill.scripts.model.base.errors import MlopsError
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog, read_catalog
from windmill.scripts.model.drawing.deployment import Deployment
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.model.drawing.replicas import with_replicas
from windmill.scripts.provision.ansible import TaskEvent
from windmill.scripts.provision.health import wait_until_healthy
from windmill.scripts.provision.host_configuration import HostConfiguration
from windmill.scripts.provision.root_config import render_root
from windmill.scripts.provision.terraform import Plan, Terraform
from windmill.scripts.provision.workdir import terraform_folder
from windmill.scripts.targets.k3s import images, kubeconfig
from windmill.scripts.targets.k3s.errors import ClusterForbids, ClusterLoginRefused, NamespaceTaken
from windmill.scripts.targets.k3s.host import K3sHost
from windmill.scripts.targets.k3s.target import K3s
from windmill.scripts.targets.protocol import Order
from windmill.scripts.targets.teardown import tear_down

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("kubernetes")]
ROOT = Path(__file__).parents[2]
KEY = "canary-api-key-0123456789"
ROWS = "".join(f"{n},{n * 2},{'big' if n > 20 else 'small'}\n" for n in range(40))
ASKED = {"input": {"a": 35, "b": 70}}
PATIENCE = 120


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog(ROOT / "catalog")[0]


@pytest.fixture(autouse=True)
def worker(node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker that speaks to the cluster has."""
    config = tmp_path / "kubeconfig"
    config.write_text(node.kubeconfig)
    monkeypatch.setenv("PATH", f"{need('kubectl').parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("MLOPS_LOCAL_ROOT", str(tmp_path / "deployments"))
    monkeypatch.setenv(kubeconfig.ALLOWED, str(tmp_path))
    monkeypatch.setenv(images.IMAGE, IMAGE)


class Deployed:
    """One deployment, done as the steps do it."""

    def __init__(self, catalog: Catalog, folder: Path, id: str = "churn-1") -> None:
        self.catalog, self.folder = catalog, folder
        self.seen = deployment(id, name="churn ${x} $(API_KEY)", target=Target.k3s, revision=1)
        self.target, self.host, self.replicas = K3s(), K3sHost(), 1

    def place(self, **settings: Any) -> Deployment:
        told = {"kubeconfig": str(self.folder / "kubeconfig"), **settings}
        there = self.target.place(told, self.seen, ())
        self.seen = self.seen.model_copy(update={"ports": there.ports, "place": there.place})
        return self.seen

    @property
    def pipeline(self) -> Pipeline:
        data = self.folder / "machines.csv"
        data.write_text(f"a,b,size\n{ROWS}")
        table = {"data": str(data), "target_column": "size"}
        return with_replicas(settled(self.catalog, "tabular-prediction", **table), self.replicas)

    @property
    def root(self) -> dict[str, Any]:
        order = Order(self.seen, self.pipeline, self.catalog.components)
        return render_root("k3s", self.target.variables(order), self.target.outputs)

    def terraform(self, environment: Any) -> Terraform:
        terraform = Terraform(terraform_folder(self.seen.id), surroundings=environment)
        terraform.write(self.root, modules())
        terraform.init()
        return terraform

    def apply(self) -> Plan:
        with self.target.surroundings(self.seen) as environment:
            terraform = self.terraform(environment)
            plan = terraform.plan()
            terraform.apply(plan)
            return terraform.plan()

    def prepare(self) -> list[TaskEvent]:
        told: list[TaskEvent] = []
        wanted = HostConfiguration(
            deployment=self.seen,
            pipeline=self.pipeline,
            components=self.catalog.components,
            playbooks={},
            serving={},
            locks={},
            api_key=KEY,
            litellm_key="",
            model_server_key="",
        )
        self.host.prepare(wanted, told.append)
        return told

    def up(self) -> None:
        self.apply()
        self.prepare()
        with self.target.reach(self.seen) as reach:
            wait_until_healthy(self.target.probes(self.seen, ()), PATIENCE, print, reach)

    def ask(self) -> httpx.Response:
        with self.target.reach(self.seen) as reach, reach.client(30) as client:
            return predict(client, self.target.urls(self.seen, ())["api"])

    def destroy(self) -> None:
        tear_down(self.seen, self.root, {}, modules())


def modules() -> dict[str, str]:
    folder = ROOT / "terraform" / "modules"
    return {str(f.relative_to(folder)): f.read_text("utf-8") for f in folder.rglob("*.tf")}


def predict(client: httpx.Client, url: str) -> httpx.Response:
    return client.post(f"{url}/predict", json=ASKED, headers={"Authorization": f"Bearer {KEY}"})


def test_its_whole_life(node: Node, catalog: Catalog, tmp_path: Path) -> None:
    one = Deployed(catalog, tmp_path)
    one.place()
    assert not one.apply().changes, "a second plan is empty"
    one.prepare()
    one.up()
    answer = one.ask()
    assert answer.status_code == 200, answer.text
    assert "big" in answer.text
    update_without_an_outage(one)
    more_and_fewer(one, node)
    node.restart()
    one.up()
    assert one.ask().status_code == 200
    for _ in range(2):
        one.destroy()
    left = [n["metadata"]["name"] for n in node.get("namespaces")]
    assert one.seen.id not in left
    assert KEY not in written(tmp_path)


def update_without_an_outage(one: Deployed) -> None:
    """Somebody asks all the time, by a way that leads to whichever pod is there."""
    statuses: list[int] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            statuses.append(one.ask().status_code)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        one.seen = one.seen.model_copy(update={"revision": 2})
        one.up()
    finally:
        done.set()
        asking.join()
    assert set(statuses) == {200}


def more_and_fewer(one: Deployed, node: Node) -> None:
    """Two answer at its one address, then one."""
    for wanted in (2, 1):
        one.replicas = wanted
        one.up()
        (held,) = node.get("deployments", f"--namespace={one.seen.id}")
        assert (held["spec"]["replicas"], held["status"]["updatedReplicas"]) == (wanted, wanted)
        assert one.ask().status_code == 200


def written(folder: Path) -> str:
    files = (file for file in folder.rglob("*") if file.is_file())
    return "".join(file.read_text(errors="replace") for file in files)


def test_an_image_that_is_nowhere_is_told(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(images.IMAGE, "127.0.0.1:1/nowhere:1")
    one = Deployed(catalog, tmp_path, "nowhere-1")
    one.place()
    one.apply()
    with pytest.raises(MlopsError) as told:
        one.prepare()
    assert told.value.code == "image_not_pulled"
    assert "127.0.0.1:1/nowhere:1" in told.value.message
    one.destroy()


def test_a_namespace_of_somebody_else_is_left_alone(
    node: Node, catalog: Catalog, tmp_path: Path
) -> None:
    node.kubectl("create", "namespace", "theirs-1")
    with pytest.raises(NamespaceTaken):
        Deployed(catalog, tmp_path, "theirs-1").place()
    node.kubectl("delete", "namespace", "theirs-1", "--wait=false")


def test_who_may_not_or_is_nobody_hears_so(node: Node, catalog: Catalog, tmp_path: Path) -> None:
    whole = node.kubeconfig
    kubelet = tmp_path / "kubelet"
    kubelet.write_text(node.config_of("kubelet"))
    with pytest.raises(ClusterForbids, match="create namespaces"):
        Deployed(catalog, tmp_path).place(kubeconfig=str(kubelet))
    kubelet.write_text(whole.replace(node.tokens["admin"], "wrong"))
    with pytest.raises(ClusterLoginRefused):
        Deployed(catalog, tmp_path).place(kubeconfig=str(kubelet))
