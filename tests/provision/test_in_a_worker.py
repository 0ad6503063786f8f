"""Provisioning as a worker runs it: pushed scripts and the packages of their lock, no checkout."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import uv

# Where packages come from is the machine's business: a worker gets these, as from the engine.
PASSED_ON = ("PIP_", "UV_", "SSL_CERT_", "REQUESTS_CA_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
PROJECT = Path(__file__).parents[2]
STEP = """
import json, pathlib, shutil, sys

from f.mlops.provision.ansible import run_playbook
from f.mlops.targets.local.free_ports import choose_ports
from f.mlops.provision.root_config import render_root
from f.mlops.provision.terraform import Terraform

here = pathlib.Path.cwd()
given = json.loads(pathlib.Path("given.json").read_text())
ports = choose_ports(["api", "litellm", "model_server"], ())
root = str(here / "d" / "host")
terraform = Terraform(here / "d" / "terraform")
variables = {"deployment_id": "rag-1", "name": "rag", "root": root, "ports": ports}
terraform.write(render_root("local", variables, ["endpoint_url"]), given["modules"])
terraform.init()
terraform.apply(terraform.plan())
deployment = {
    "id": "rag-1", "name": "rag", "root": root, "ports": ports, "host": "127.0.0.1",
    "services": [], "environments": ["serving"], "model": {}, "pipeline": {}, "revision": 1,
    "cost_per_hour": 0,
}
told = {key: given[key] for key in ("serving_files", "locks", "uv", "cache")}
changed = [
    run_playbook(
        playbook,
        files=given["playbooks"],
        inventory={"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}},
        extravars={"deployment": deployment, **told},
        secrets={},
        workdir=here / "d" / "ansible",
        on_event=lambda event: None,
    ).changed
    for playbook in ("deploy_ml_pipeline.yml", "destroy_ml_pipeline.yml")
]
foreign = [p for p in sys.path if p.startswith(given["checkout"])]
print(json.dumps({
    "endpoint": terraform.outputs()["endpoint_url"], "port": ports["api"], "changed": changed,
    "terraform on PATH": shutil.which("terraform"), "foreign": foreign,
}))
"""


def texts(folder: Path) -> dict[str, str]:
    kinds = {".py", ".yml", ".tf"}
    files = (path for path in folder.rglob("*") if path.suffix in kinds)
    return {str(path.relative_to(folder)): path.read_text() for path in files}


def make_worker(folder: Path) -> list[str]:
    """A bare interpreter, and beside it the packages of the scripts' lock."""
    lock = PROJECT / "requirements" / "scripts.lock"
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    install = ["pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    target = ["--python-version", "3.11", "--target", str(folder / "packages")]
    for command in (
        ["venv", "--quiet", "--python", "3.11", str(folder / "python")],
        [*install, *target, "--requirement", str(lock)],
    ):
        subprocess.run([uv.find_uv_bin(), *command], env=environment, check=True)
    return [str(folder / "python" / "bin" / "python")]


@pytest.mark.slow
def test_pushed_scripts_provision_with_their_locks_packages_alone(
    tmp_path: Path, environments: Path
) -> None:
    job = tmp_path / "job"
    shutil.copytree(PROJECT / "windmill" / "scripts", job / "f" / "mlops")
    locks = ("serving", "supervisor")
    given = {
        "checkout": str(PROJECT),
        "modules": texts(PROJECT / "terraform" / "modules"),
        "playbooks": texts(PROJECT / "ansible"),
        "serving_files": {"serving/__main__.py": "import time\ntime.sleep(600)\n"},
        "locks": {name: (PROJECT / f"requirements/{name}.lock").read_text() for name in locks},
        "uv": uv.find_uv_bin(),
        "cache": str(environments.parent),
    }
    (job / "given.json").write_text(json.dumps(given))
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)},
        "HOME": os.environ["HOME"],
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": f"{tmp_path / 'packages'}:{job}",
    }
    done = subprocess.run(
        [*make_worker(tmp_path), "-c", STEP],
        cwd=job,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["endpoint"] == f"http://127.0.0.1:{told['port']}"
    assert told["changed"][0] > 0
    assert told["changed"][1] == 2
    assert told["terraform on PATH"] is None
    assert told["foreign"] == []
    assert not (job / "d" / "host").exists()
