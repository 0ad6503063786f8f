"""The playbooks: checked by ansible-lint, and run for real with LiteLLM and llama.cpp."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
import uv

from windmill.scripts.provision.ansible import PlaybookResult, TaskEvent, run_playbook
from windmill.scripts.provision.errors import AnsibleFailed
from windmill.scripts.targets.local.free_ports import choose_ports, port_is_free

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]
STRINGS: dict[str, str] = json.loads((Path(__file__).parent / "strings.json").read_text())
KEY = "sk-canary-5f1c0a9be2d34774"
MODEL_KEY = "canary-77aa31-of-the-model-server"
LOCKS = ("litellm", "model-server", "model-weights", "serving", "supervisor")
PATIENCE = 120.0


def texts(folder: Path, below: Path) -> dict[str, str]:
    return {
        str(path.relative_to(below)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".py", ".yml", ".cfg", ".html", ".css", ".js"}
        and "__pycache__" not in path.parts
    }


def graph(documents: Path) -> dict[str, Any]:
    chain = [
        ("docs", "documents", "documents", {"path": str(documents)}),
        ("chunks", "text-splitter", "chunks", {}),
        ("vectors", "embeddings", "vectors", {}),
        ("store", "vector-store", "retriever", {}),
        ("chat", "llm-chat", "chat", {"system_prompt": STRINGS["Jinja"]}),
        ("api", "api-endpoint", "", {"title": STRINGS["quotes"]}),
    ]
    nodes = [{"id": id_, "component": kind, "config": config} for id_, kind, _, config in chain]
    edges = [
        {
            "source": one[0],
            "source_port": one[2],
            "target": other[0],
            "target_port": "context" if other[0] == "chat" else one[2],
        }
        for one, other in pairwise(chain)
    ]
    return {"nodes": nodes, "edges": edges}


@dataclass
class Deployment:
    folder: Path
    cache: Path
    ports: dict[str, int] = field(
        default_factory=lambda: choose_ports(["api", "litellm", "model_server"], ())
    )
    services: list[str] = field(default_factory=lambda: ["litellm", "model-server"])
    replicas: int = 1
    serving: dict[str, str] = field(default_factory=lambda: texts(PROJECT / "serving", PROJECT))
    revision: int = 1

    @property
    def root(self) -> Path:
        return self.folder / "host"

    def play(self, name: str, **changed: Any) -> PlaybookResult:
        self.events: list[TaskEvent] = []
        extravars = {
            "deployment": self.facts(),
            "serving_files": self.serving,
            "locks": {
                name: (PROJECT / "requirements" / f"{name}.lock").read_text() for name in LOCKS
            },
            "uv": uv.find_uv_bin(),
            "cache": str(self.cache),
        }
        return run_playbook(
            f"{name}_ml_pipeline.yml",
            files=texts(PROJECT / "ansible", PROJECT / "ansible"),
            inventory={"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}},
            extravars=extravars | changed,
            secrets={"LITELLM_MASTER_KEY": KEY, "MODEL_SERVER_KEY": MODEL_KEY},
            workdir=self.folder / "ansible",
            on_event=self.events.append,
        )

    def facts(self) -> dict[str, Any]:
        return {
            "id": "rag-1",
            "name": STRINGS["Jinja, broken"],
            "root": str(self.root),
            "ports": self.ports,
            "host": "127.0.0.1",
            "services": self.services,
            "replicas": self.replicas,
            "environments": ["serving"],
            "model": {"name": "smollm2", "context_size": 2048, "threads": 2},
            "pipeline": self.pipeline(),
            "revision": self.revision,
            "cost_per_hour": 0.0,
        }

    def pipeline(self) -> dict[str, Any]:
        facts = {"name": "rag", "deployment_id": "rag-1", "revision": self.revision}
        return facts | graph(self.folder / "documents")

    def url(self, port: str, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[port]}{path}"


@pytest.fixture
def deployment(tmp_path: Path, environments: Path) -> Iterator[Deployment]:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "leave.md").write_text("Every employee has 27 days of paid leave.")
    made = Deployment(tmp_path, environments.parent)
    yield made
    if made.root.exists():
        made.play("destroy")


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def wait_for(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def holding(folder: Path, secret: str) -> set[str]:
    """Names of the files it stands in; each is for the owner alone."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    found = [path for path in files if secret.encode() in path.read_bytes()]
    assert all(path.stat().st_mode & 0o077 == 0 for path in found)
    return {path.name for path in found}


@pytest.mark.slow
def test_a_pipeline_lives_and_dies(deployment: Deployment, supervised: ModuleType) -> None:
    def running() -> dict[str, int]:
        known = supervised.Server(supervised.socket_path(deployment.root)).ask("getAllProcessInfo")
        return {program["name"]: program["pid"] for program in known if program["pid"]}

    assert deployment.play("deploy").changed
    pids = running()
    assert set(pids) == {"api", "litellm", "model-server"}
    written = (deployment.root / "api" / "pipeline.json").read_text()
    assert json.loads(written) == deployment.pipeline()

    assert deployment.play("deploy").changed == 0, deployment.events
    assert running() == pids

    assert wait_for(lambda: answers(deployment.url("litellm", "/health/readiness")))
    asked = {
        "model": "smollm2",
        "messages": [{"role": "user", "content": "Say hello."}],
        "max_tokens": 8,
    }
    chat = deployment.url("litellm", "/v1/chat/completions")
    headers = {"Authorization": f"Bearer {KEY}"}
    answer = httpx.post(chat, json=asked, headers=headers, timeout=60)
    assert answer.json()["choices"][0]["message"]["content"]
    assert httpx.post(chat, json=asked, timeout=60).status_code == 401
    past = deployment.url("model_server", "/v1/chat/completions")
    assert httpx.post(past, json=asked, timeout=60).status_code == 401
    assert "litellm_" in httpx.get(deployment.url("litellm", "/metrics/"), timeout=60).text
    assert wait_for(lambda: answers(deployment.url("api", "/health")))

    deployment.revision = 2
    assert deployment.play("deploy").changed
    assert {name for name, pid in running().items() if pid != pids[name]} == {"api"}

    os.kill(pids["model-server"], signal.SIGKILL)
    assert wait_for(lambda: running().get("model-server", 0) not in (0, pids["model-server"]))

    assert holding(deployment.folder, KEY) == {"api.json", "litellm.json"}
    assert holding(deployment.folder, MODEL_KEY) == {"litellm.json", "model-server.json"}
    assert KEY not in repr(deployment.events)
    assert MODEL_KEY not in repr(deployment.events)

    assert deployment.play("destroy").changed
    assert not deployment.root.exists()
    assert not supervised.processes(deployment.root)
    assert all(port_is_free(port) for port in deployment.ports.values())
    assert deployment.play("destroy").changed == 0


def test_a_pipeline_without_a_model_runs_its_api_alone(deployment: Deployment) -> None:
    deployment.services = []
    stand_in = "import time\ntime.sleep(600)\n"
    deployment.play("deploy", serving_files={"serving/__main__.py": stand_in})
    programs = deployment.root / "supervisor" / "programs"
    assert [path.name for path in programs.iterdir()] == ["api.json"]
    assert not (deployment.root / "litellm").exists()
    alone = json.loads((programs / "api.json").read_text())["command"]
    assert "--replicas" not in alone, "what ran before there were several goes on"
    deployment.replicas = 3
    deployment.play("deploy", serving_files={"serving/__main__.py": stand_in})
    several = json.loads((programs / "api.json").read_text())["command"]
    assert several == [*alone, "--replicas", "3"]


def test_an_environment_that_cannot_be_built_is_explained(
    deployment: Deployment, tmp_path: Path
) -> None:
    deployment.services = []
    deployment.cache = tmp_path / "cache"
    locks = {"serving": "no-hash==1.0", "supervisor": "no-hash==1.0"}
    with pytest.raises(AnsibleFailed, match=r"(?i)hash") as failed:
        deployment.play("deploy", locks=locks)
    assert failed.value.task.endswith("Build the environments")
    assert not (deployment.root / "supervisor").exists()


def test_ansible_lint_has_nothing_to_say(tmp_path: Path) -> None:
    environment = os.environ | {"ANSIBLE_HOME": str(tmp_path), "NO_COLOR": "1"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["ansible-lint", "--offline"],
        cwd=PROJECT / "ansible",
        env=environment | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'production' was required" in done.stderr
