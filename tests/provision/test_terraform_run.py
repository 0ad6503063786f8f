"""The local module in real Terraform: the binary on PATH and the packaged library."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from windmill.scripts.provision.errors import TerraformFailed, TerraformMissing, UnsafePath
from windmill.scripts.provision.root_config import render_root
from windmill.scripts.provision.terraform import Action, Binary, Plan, Terraform

pytestmark = pytest.mark.slow

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

# A resource whose creation kills the very Terraform that creates it.
KILLER = """
resource "terraform_data" "killer" {
  provisioner "local-exec" {
    command = "kill -9 $PPID"
  }
}
"""


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
    assert '+ create module.local.terraform_data.service["api"]: input.port = 20100' in " ".join(
        plan.words
    )
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


def test_an_unchanged_redeploy_neither_initialises_nor_changes(tmp_path: Path) -> None:
    deployed(tmp_path)
    said: list[str] = []
    again = Terraform(tmp_path, on_line=said.append)
    again.write(root(), modules())
    again.init()
    assert said == []
    assert not again.plan().changes


def test_changed_arguments_update_in_place_and_need_no_init(tmp_path: Path) -> None:
    terraform = deployed(tmp_path)
    said: list[str] = []
    terraform = Terraform(tmp_path, on_line=said.append)
    terraform.write(root(name="renamed"), modules())
    terraform.init()
    assert said == []
    assert Action("module.local.terraform_data.deployment", "update") in terraform.plan().actions


def test_another_deployment_in_its_place_is_a_replacement(tmp_path: Path) -> None:
    terraform = deployed(tmp_path)
    terraform.write(root(deployment_id="rag-2"), modules())
    kinds = {action.kind for action in terraform.plan().actions}
    assert "replace" in kinds


def test_a_changed_module_is_initialised_again_and_a_stale_file_is_gone(tmp_path: Path) -> None:
    said: list[str] = []
    terraform = Terraform(tmp_path, on_line=said.append)
    stale = {"local/extra.tf": 'output "extra" {\n  value = 1\n}\n'}
    terraform.write(root(), modules() | stale)
    terraform.init()
    said.clear()
    terraform.write(root(), modules())
    terraform.init()
    assert any("Initializing" in line for line in said)
    assert not (tmp_path / "modules" / "local" / "extra.tf").exists()


def test_a_refused_variable_is_explained(tmp_path: Path, binary: Binary) -> None:
    terraform = Terraform(tmp_path, binary=binary)
    terraform.write(root(deployment_id="Not A Label"), modules())
    terraform.init()
    with pytest.raises(TerraformFailed, match="deployment_id must be 1 to 63") as failed:
        terraform.plan()
    assert failed.value.command == "plan"
    assert "\n" not in failed.value.message


def test_a_broken_module_is_explained_by_init(tmp_path: Path, binary: Binary) -> None:
    terraform = Terraform(tmp_path, binary=binary)
    terraform.write(root(), {"local/main.tf": 'variable "x" {'})
    with pytest.raises(TerraformFailed, match=r"terraform init failed: .*Unclosed") as failed:
        terraform.init()
    assert "╷" not in failed.value.message


def test_a_plan_that_was_overtaken_is_refused(tmp_path: Path) -> None:
    first = deployed(tmp_path)
    first.write(root(name="first"), modules())
    plan = first.plan()
    saved = (tmp_path / "next.tfplan").read_bytes()
    first.apply(plan)
    (tmp_path / "next.tfplan").write_bytes(saved)
    with pytest.raises(TerraformFailed, match="stale"):
        first.apply(plan)


def test_a_run_that_was_killed_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    terraform = Terraform(tmp_path, binary="path" if shutil.which("terraform") else "library")
    terraform.write(root(), modules() | {"local/killer.tf": KILLER})
    terraform.init()
    with pytest.raises(TerraformFailed):
        terraform.apply(terraform.plan())
    terraform.write(root(), modules())
    terraform.init()
    terraform.apply(terraform.plan())
    assert terraform.outputs()["deployment_id"] == VARIABLES["deployment_id"]
    assert not terraform.plan().changes


def test_destroying_what_never_was_is_fine(tmp_path: Path) -> None:
    Terraform(tmp_path).destroy()
    terraform = Terraform(tmp_path)
    terraform.write(root(), modules())
    terraform.destroy()
    assert terraform.outputs() == {}


def test_settings_of_the_surroundings_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, binary: Binary
) -> None:
    said: list[str] = []
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "missing.rc"))
    monkeypatch.setenv("TF_CLI_ARGS", "-not-an-option")
    monkeypatch.setenv("TF_LOG", "trace")
    monkeypatch.setenv("TF_WORKSPACE", "elsewhere")
    terraform = Terraform(tmp_path / "work", on_line=said.append, binary=binary)
    terraform.write(root(), modules())
    terraform.init()
    terraform.apply(terraform.plan())
    assert terraform.outputs()["endpoint_url"]
    assert not any("Warning" in line or "[TRACE]" in line for line in said)


def test_the_library_stands_in_where_no_terraform_is_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert deployed(tmp_path / "work", binary=None).outputs()["deployment_id"]
    with pytest.raises(TerraformMissing, match="MLOPS_TERRAFORM=library"):
        Terraform(tmp_path / "work", binary="path")


def test_the_environment_chooses_the_binary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("MLOPS_TERRAFORM", "path")
    with pytest.raises(TerraformMissing):
        Terraform(tmp_path / "work")


def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir(mode=0o755)
    Terraform(tmp_path / "work")
    assert (tmp_path / "work").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("path", ["../outside.tf", "/etc/outside.tf", "local/../../outside.tf", ""])
def test_a_file_cannot_leave_the_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(UnsafePath):
        Terraform(tmp_path / "work").write(root(), {path: "x"})
    assert not list(tmp_path.rglob("outside.tf"))


def test_who_follows_the_lines_can_end_the_run(tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    terraform = Terraform(tmp_path, on_line=interrupt)
    terraform.write(root(), modules())
    with pytest.raises(KeyboardInterrupt):
        terraform.init()
