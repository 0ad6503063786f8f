"""Every kind of leaf, pushed as a platform pushes and run by a worker that has only that."""

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sync.api import Windmill, desired, plan, push
from tests.engine.conftest import ROOT, EngineProcess

MODULE = """
variable "greeting" { type = string }
resource "terraform_data" "said" { input = var.greeting }
output "said" { value = terraform_data.said.output }
"""
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - copy: {dest: '{{ folder }}/told', content: '{{ text }}', mode: '0600'}
"""
ENTRIES = {
    "playbooks/say": """
inputs: {greeting: {type: string, required: true}, name: {type: string, default: one}}
run: {terraform: hello, state: '${inputs.name}'}
with: {greeting: '${inputs.greeting}'}
outputs: {said: '${result.said}', changes: '${result.changes}'}
""",
    "playbooks/write": """
inputs: {folder: {type: string, required: true}, text: {type: string, required: true}}
run: {ansible: write.yml}
outputs: {changed: '${result.changed}'}
""",
    "playbooks/token": "run: {secret: test_token}\n",
    "playbooks/call": """
inputs:
  url: {type: string, required: true}
  token: {type: string, writeOnly: true, default: ''}
  text: {type: string, default: hello}
run: {http: {url: '${inputs.url}/echo', token: '${inputs.token}'}}
with: {text: '${inputs.text}'}
outputs: {answer: '${result.body}'}
""",
    "meta-pipelines/all": """
inputs: {url: {type: string, required: true}, folder: {type: string, required: true}}
steps:
  - {id: token, use: playbooks/token}
  - {id: say, use: playbooks/say, with: {greeting: '${inputs.url} {{ 1 + 1 }} %{ x }'}}
  - {id: write, use: playbooks/write, with: {folder: '${inputs.folder}', text: '${steps.say.said}'}}
  - id: call
    use: playbooks/call
    with: {url: '${inputs.url}', token: '${steps.token.value}', text: '${steps.say.said}'}
    needs: [write]
outputs: {said: '${steps.say.said}', answer: '${steps.call.answer}'}
""",
}
SECRET = "canary-7f3a9c"


class Echo(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, self.headers["Authorization"], body))  # type: ignore[attr-defined]
        answer = json.dumps({"got": body}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def echo() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.seen = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The platform's own scripts with a catalog, a module and a playbook of somebody's."""
    root = tmp_path / "checkout"
    for folder in ("windmill/scripts", "windmill/flows", "ansible", "serving", "requirements"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "terraform/modules/hello").mkdir(parents=True)
    (root / "terraform/modules/hello/main.tf").write_text(MODULE)
    (root / "ansible/write.yml").write_text(PLAYBOOK)
    (root / "catalog/components").mkdir(parents=True)
    for key, text in ENTRIES.items():
        file = root / "catalog" / f"{key}.yaml"
        file.parent.mkdir(exist_ok=True)
        kind, name = key.split("/")
        file.write_text(f"kind: {kind[:-1]}\nname: {name}\n{text}")
    return root


def settings(folder: Path) -> list[str]:
    folder.mkdir(exist_ok=True)
    values = {
        "DATABASE_URL": f"sqlite:///{folder / 'registry.db'}",
        "MLOPS_EMBEDDED": "1",
        "MLOPS_LOCAL_ROOT": str(folder / "deployments"),
        "ALLOW_ADDRESSES": "127.0.0.1/32",
        "THROTTLE_DISABLE": "true",
    }
    (folder / "env").write_text("".join(f"{key}={value}\n" for key, value in values.items()))
    return ["--env-file", str(folder / "env")]


@pytest.mark.slow
def test_terraform_ansible_http_and_a_secret_hand_their_results_on(
    checkout: Path, echo: Any, tmp_path: Path, new_engine: Any
) -> None:
    engine: EngineProcess = new_engine(*settings(tmp_path / "host"))
    windmill = engine.start()
    assert windmill
    windmill.post(
        "/variables/create",
        {"path": "f/mlops/test_token", "value": SECRET, "is_secret": True, "description": ""},
    )
    with Windmill(windmill.url, windmill.workspace, windmill.token) as client:
        push(plan(desired(checkout), client), client)
    args = {"url": echo.url, "folder": str(tmp_path)}
    start = "/jobs/run/f/f/mlops/catalog/meta-pipelines/all"
    job = windmill.until(windmill.post(start, args), lambda job: job["type"] == "CompletedJob", 240)
    said = f"{echo.url} {{{{ 1 + 1 }}}} %{{ x }}"
    assert job["result"] == {"said": said, "answer": {"got": {"text": said}}}
    assert (tmp_path / "told").read_text() == said
    assert echo.seen == [("/echo", f"Bearer {SECRET}", {"text": said})]
    assert SECRET not in json.dumps([job, *windmill.tree(job["id"])])
    again = windmill.ended(
        windmill.post("/jobs/run/f/f/mlops/catalog/playbooks/say", {"greeting": said})
    )
    assert again["result"]["changes"] is False
