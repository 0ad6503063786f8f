"""Templates that need a GPU, as real Terraform sees them; the vendor's provider has a double."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.provision.provider_double.installed import ProviderDouble, install
from tests.targets.support import deployment, settled
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.compile.compile_catalog import compile_entry
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.provision.errors import TerraformFailed
from windmill.scripts.provision.root_config import render_root
from windmill.scripts.provision.terraform import Action, Plan, Terraform, launcher
from windmill.scripts.targets.protocol import Order
from windmill.scripts.targets.runpod.target import Runpod

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("provider-double")]
PROJECT = Path(__file__).parents[2]
MODULES = PROJECT / "terraform" / "modules"
SERVER = "module.runpod.runpod_pod.server"
PROVIDER = PROJECT / "tests" / "provision" / "provider_double"
TYPES = {
    "name": "string",
    "gpu_count": "number",
    "locked": "bool",
    "ports": ["list", "string"],
    "env": ["map", "string"],
    "persistent_volume": ["object", {"size": "number", "path": "string"}],
}
RUNPOD = Runpod()
KEY = "canary-7f31"
L4 = Offer(target=Target.runpod, name="L4", machine="NVIDIA L4", pool="COMMUNITY", hourly_usd=0.4)
TEMPLATES: dict[str, dict[str, Any]] = {
    "vllm-serving": {},
    "ollama-serving": {},
    "lora-finetuning": {"dataset": "tatsu-lab/alpaca"},
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> ProviderDouble:
    return install(tmp_path_factory.mktemp("double"), MODULES / "runpod", launcher(""))


@pytest.fixture
def double(installed: ProviderDouble, monkeypatch: pytest.MonkeyPatch) -> ProviderDouble:
    for name, value in {**installed.environment, "TF_VAR_service_key": KEY}.items():
        monkeypatch.setenv(name, value)
    return installed


def root_of(catalog: Catalog, name: str, **changed: Any) -> dict[str, Any]:
    pipeline = settled(catalog, name, "runpod", **TEMPLATES[name])
    order = Order(deployment(f"{name}-3f9a2c"), pipeline, catalog.components, L4)
    variables = RUNPOD.variables(order) | changed
    return render_root(RUNPOD.name, variables, RUNPOD.outputs, RUNPOD.secrets)


def written(folder: Path, root: Mapping[str, Any]) -> Terraform:
    terraform = Terraform(folder)
    terraform.write(root, sources())
    terraform.init()
    return terraform


def sources() -> dict[str, str]:
    files = (MODULES / "runpod").glob("*.tf")
    return {str(path.relative_to(MODULES)): path.read_text() for path in files}


def run(folder: Path, *words: str) -> str:
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        [*launcher(""), *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rented(double: ProviderDouble) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in double.pods.iterdir()]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_becomes_a_root_that_terraform_validates_and_plans(
    name: str, catalog: Catalog, double: ProviderDouble, tmp_path: Path
) -> None:
    assert compile_entry(catalog.entries[f"pipelines/{name}"], catalog.entries, catalog.rollups)
    root = root_of(catalog, name)
    assert KEY not in json.dumps(root)
    terraform = written(tmp_path, root)
    assert json.loads(run(tmp_path, "validate", "-json"))["valid"]
    assert terraform.plan().actions == (Action(SERVER, "create"),)


def test_a_machine_is_rented_kept_replaced_for_another_gpu_and_given_back(
    catalog: Catalog, double: ProviderDouble, tmp_path: Path
) -> None:
    terraform = written(tmp_path, root_of(catalog, "vllm-serving"))
    terraform.apply(terraform.plan())
    (pod,) = rented(double)
    assert (pod["gpu_type_id"], pod["cloud"]) == ("NVIDIA L4", "COMMUNITY")
    assert pod["env"]["VLLM_API_KEY"] == KEY
    outputs = terraform.outputs()
    assert outputs["endpoint_url"].startswith(f"https://{pod['id']}-8000.")
    assert outputs["hourly_usd"] == pod["cost"]
    assert terraform.plan() == Plan(changes=False, actions=())
    terraform.write(root_of(catalog, "vllm-serving", gpu_type_id="NVIDIA A40"), sources())
    assert Action(SERVER, "replace") in terraform.plan().actions
    terraform.destroy()
    assert rented(double) == []


def test_a_machine_without_the_provider_s_key_is_not_even_planned(
    catalog: Catalog, double: ProviderDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNPOD_API_KEY")
    with pytest.raises(TerraformFailed, match="Missing API key"):
        written(tmp_path, root_of(catalog, "ollama-serving")).plan()


@pytest.mark.usefixtures("double")
def test_the_module_s_own_tests_pass(tmp_path: Path) -> None:
    shutil.copytree(MODULES / "runpod", tmp_path, dirs_exist_ok=True)
    run(tmp_path, "init", "-input=false")
    assert "0 failed" in run(tmp_path, "test", "-no-color")


@pytest.mark.usefixtures("double")
def test_the_double_has_the_schema_that_the_vendor_documents(tmp_path: Path) -> None:
    shutil.copytree(MODULES / "runpod", tmp_path, dirs_exist_ok=True)
    run(tmp_path, "init", "-input=false")
    (schemas,) = json.loads(run(tmp_path, "providers", "schema", "-json"))[
        "provider_schemas"
    ].values()
    told = {name: schema["block"] for name, schema in schemas["resource_schemas"].items()}
    told["provider"] = schemas["provider"]["block"]
    facts = json.loads((PROVIDER / "runpod.json").read_text())
    documented = facts["resources"] | {"provider": facts["provider"]}
    assert {place: modes(block["attributes"]) for place, block in told.items()} == {
        place: {name: fact["mode"] for name, fact in block["attributes"].items()}
        for place, block in documented.items()
    }
    types = {name: each["type"] for name, each in told["runpod_pod"]["attributes"].items()}
    assert types | TYPES == types


def modes(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    known = ("required", "optional", "computed")
    return {n: "+".join(m for m in known if each.get(m)) for n, each in attributes.items()}
