"""The local module in real Terraform: the binary on PATH and the packaged library."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from windmill.scripts.provision.root_config import render_root
from windmill.scripts.provision.terraform import Action, Binary, Plan, Terraform

MODULES = Path(__file__).parents[2] / "terraform" / "modules"
OUTPUTS = ("deployment_id", "endpoint_url", "service_urls", "ports", "root", "labels", "host")
VARIABLES: dict[str, Any] = {
    "deployment_id": "rag-chatbot-3f9a2c",
    "name": "rag-chatbot",
    "root": "/srv/mlops/rag-chatbot-3f9a2c",
    "ports": {"api": 20100, "litellm": 20101, "model_server": 20102},
    "services": ["litellm", "model-server"],
    "labels": {"owner": "tests"},
}


def modules() -> dict[str, str]:
    files = (MODULES / "local").glob("*.tf")
    return {str(path.relative_to(MODULES)): path.read_text() for path in files}


def root(**changed: Any) -> dict[str, Any]:
    return render_root("local", VARIABLES | changed, OUTPUTS)


@pytest.fixture(params=["path", "library"])
def binary(request: pytest.FixtureRequest) -> Binary:
    if request.param == "path" and not shutil.which("terraform"):
        pytest.skip("no terraform on PATH")
    chosen: Binary = request.param
    return chosen


def deployed(workdir: Path, binary: Binary | None = "library") -> Terraform:
    terraform = Terraform(workdir, binary=binary)
    terraform.write(root(), modules())
    terraform.init()
    terraform.apply(terraform.plan())
    return terraform


def test_a_deployment_is_planned_applied_read_and_destroyed(tmp_path: Path, binary: Binary) -> None:
    said: list[str] = []
    terraform = Terraform(tmp_path, on_line=said.append, binary=binary)
    terraform.write(root(), modules())
    terraform.init()
    plan = terraform.plan()
    assert plan.changes
    assert Action("module.local.terraform_data.deployment", "create") in plan.actions
    terraform.apply(plan)
    outputs = terraform.outputs()
    assert outputs["endpoint_url"] == "http://127.0.0.1:20100"
    assert outputs["service_urls"]["model-server"] == "http://127.0.0.1:20102"
    assert outputs["host"] == {"connection": "local"}
    assert outputs["labels"] == {"owner": "tests"}
    assert any("Creation complete" in line for line in said)
    assert terraform.plan() == Plan(changes=False, actions=())
    terraform.destroy()
    assert terraform.outputs() == {}
    terraform.destroy()
