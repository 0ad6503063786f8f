"""What a real Terraform hands to kubectl, which writes down what it was told and renders it."""

import csv
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.targets.support import PROJECT, deployment, settled
from tests.tools.needs import need
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.provision.errors import TerraformFailed
from windmill.scripts.provision.root_config import render_root
from windmill.scripts.provision.terraform import Terraform
from windmill.scripts.targets.k3s import images as workloads
from windmill.scripts.targets.k3s.target import K3s
from windmill.scripts.targets.protocol import Order

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("embedded")]
MODULES = PROJECT / "terraform" / "modules"
HOSTILE = "$(id) `id` ${path.module} %{if true}x%{endif} '\"\\ \n---\nkind: Secret"
KUBECTL = """\
#!/bin/sh
set -eu
echo "$KUBECONFIG $*" >> "{log}"
for word in "$@"; do
  case "$word" in
    --kustomize=*) "{kubectl}" kustomize "${{word#*=}}" > "{rendered}" ;;
  esac
done
"""


class Told:
    """What kubectl was told, in order."""

    def __init__(self, folder: Path) -> None:
        self.log, self.rendered = folder / "log", folder / "rendered.yaml"
        program = folder / "bin" / "kubectl"
        program.parent.mkdir()
        paths = {"log": self.log, "rendered": self.rendered, "kubectl": need("kubectl")}
        program.write_text(KUBECTL.format(**paths))
        program.chmod(0o755)
        self.path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"

    def commands(self) -> list[list[str]]:
        return [line.split() for line in self.log.read_text().splitlines()]

    def documents(self) -> dict[str, dict[str, Any]]:
        return {one["kind"]: one for one in yaml.safe_load_all(self.rendered.read_text())}


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    told = Told(tmp_path)
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("PATH", told.path)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "work"))
    return told


@pytest.fixture
def order(catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Order:
    data = tmp_path / "machines.csv"
    with data.open("w", newline="") as file:
        csv.writer(file).writerows([["a", HOSTILE], [1, 2]])
    monkeypatch.setenv(workloads.IMAGE, "mlops/{environment}:test")
    inputs = {"data": str(data), "target_column": HOSTILE}
    one = deployment("churn-1", name=HOSTILE, target="k3s", ports={"api": 8000}, revision=1)
    return Order(one, settled(catalog, "tabular-prediction", **inputs), catalog.components)


@pytest.fixture
def terraform(tmp_path: Path, order: Order) -> Terraform:
    surroundings = {"MLOPS_KUBECONFIG": "/secret/canary"}
    one = Terraform(tmp_path / "terraform", surroundings=surroundings)
    write(one, order)
    one.init()
    return one


def write(terraform: Terraform, order: Order) -> None:
    target = K3s()
    folder = MODULES / "k3s"
    modules = {f"k3s/{file.name}": file.read_text("utf-8") for file in folder.glob("*.tf")}
    terraform.write(render_root("k3s", target.variables(order), target.outputs), modules)


def apply(terraform: Terraform) -> set[str]:
    plan = terraform.plan()
    terraform.apply(plan)
    return {f"{action.kind} {action.address.rpartition('.')[2]}" for action in plan.actions}


def test_a_life_by_what_kubectl_is_told(
    terraform: Terraform, told: Told, order: Order, tmp_path: Path
) -> None:
    assert apply(terraform) == {"create namespace", "create workload"}
    (config, *words) = told.commands()[0]
    assert config == "/secret/canary"
    assert words[:2] == ["apply", "--server-side"]
    made = told.documents()
    assert set(made) == {"Namespace", "NetworkPolicy", "Service", "Deployment", "ConfigMap"}
    assert made["Namespace"]["metadata"]["annotations"]["mlops/name"] == HOSTILE
    graph = json.loads(made["ConfigMap"]["data"]["pipeline.json"])
    assert graph["nodes"][1]["config"]["target"] == HOSTILE
    assert apply(terraform) == set(), "a second plan is empty"

    newer = order.deployment.model_copy(update={"revision": 2})
    write(terraform, replace(order, deployment=newer))
    assert apply(terraform) == {"replace workload"}
    assert [words[1] for words in told.commands()] == ["apply", "apply"], "nothing is deleted"

    terraform.destroy()
    terraform.destroy()
    (_, *words) = told.commands()[-1]
    assert words[:2] == ["delete", "namespace"]
    assert words[-1].endswith("=mlops,app.kubernetes.io/instance=churn-1")
    assert len(told.commands()) == 3, "and once is enough"
    assert not list((tmp_path / "work").iterdir())
    kept = [file.read_text() for file in (tmp_path / "terraform").rglob("*.tf*") if file.is_file()]
    assert "canary" not in "".join(kept)


def test_nobody_s_own_kubeconfig_is_used(
    tmp_path: Path, told: Told, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/home/ann/.kube/config")
    terraform = Terraform(tmp_path / "terraform")
    write(terraform, order)
    terraform.init()
    with pytest.raises(TerraformFailed, match="names no kubeconfig"):
        terraform.apply(terraform.plan())
    assert not told.log.exists()
