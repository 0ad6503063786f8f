"""A real n8n of this checkout's lock, without a browser: one owner, one API key."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sync.build.install_once import built_once
from sync.build.node import node_home
from tests.gateway.stack import free_port
from tests.tools.n8n import MANIFESTS
from tests.tools.needs import need

READY_WITHIN_SECONDS = 500
KEY_FILE = "api-key"
OWNER = {"email": "owner@example.test", "firstName": "Git", "lastName": "Ops"}
PASSWORD = "Str0ngPassw0rd"
SCOPES = [
    *(f"workflow:{verb}" for verb in ("create", "read", "update", "list", "activate")),
    *(f"credential:{verb}" for verb in ("create", "read", "update", "list")),
    *("workflow:deactivate", "workflow:delete", "credential:delete"),
    *(f"dataTable:{verb}" for verb in ("create", "read", "list")),
    *(f"dataTableRow:{verb}" for verb in ("create", "read", "update", "upsert")),
    "execution:list",
    "execution:read",
]


@dataclass(frozen=True)
class N8nServer:
    url: str
    api_key: str
    folder: Path

    @property
    def api(self) -> httpx.Client:
        headers = {"X-N8N-API-KEY": self.api_key}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30)

    def workflow(self, name: str) -> dict[str, Any]:
        with self.api as http:
            found = http.get("/workflows", params={"name": name}).json()["data"]
        assert len(found) == 1, found
        workflow: dict[str, Any] = found[0]
        return workflow

    def webhook(self, path: str, **options: Any) -> httpx.Response:
        """Publishing is told as done a little before the webhook is there."""
        for _ in range(300):
            answer = httpx.post(f"{self.url}/webhook/{path}", timeout=60, **options)
            if answer.status_code != 404 or "not registered" not in answer.text:
                return answer
            time.sleep(0.1)
        raise AssertionError(answer.text)


@contextmanager
def running_n8n(folder: Path, *, owned: bool = True) -> Iterator[N8nServer]:
    """With an owner and a key: what the first start of all takes its time for is done already."""
    need("n8n")
    made = built_once("n8n-set-up", _set_up, *MANIFESTS, Path(__file__))
    shutil.copytree(made, folder, dirs_exist_ok=True)
    if not owned:
        _disown(folder)
    with _started(folder) as url:
        yield N8nServer(url, (folder / KEY_FILE).read_text(), folder)


def _disown(folder: Path) -> None:
    """As after its very first start."""
    reset = [str(need("node")), str(need("n8n")), "user-management:reset"]
    environment = _environment(folder, free_port())
    subprocess.run(reset, env=environment, check=True, capture_output=True, timeout=300)


def _set_up(folder: Path) -> None:
    with _started(folder) as url:
        (folder / KEY_FILE).write_text(_api_key(url))


@contextmanager
def _started(folder: Path) -> Iterator[str]:
    url = f"http://127.0.0.1:{(port := free_port())}"
    with (folder / "n8n.log").open("w") as log:
        process = subprocess.Popen(
            [str(need("node")), str(need("n8n")), "start"],
            env=_environment(folder, port),
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_ready(url, process, folder / "n8n.log")
        yield url
    finally:
        process.terminate()
        process.wait(60)


def _environment(folder: Path, port: int) -> dict[str, str]:
    return {
        "PATH": f"{node_home() / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "N8N_USER_FOLDER": str(folder),
        "N8N_LISTEN_ADDRESS": "127.0.0.1",
        "N8N_HOST": "127.0.0.1",
        "N8N_PORT": str(port),
        "N8N_RUNNERS_BROKER_PORT": str(free_port()),
        "N8N_ENCRYPTION_KEY": "a-key-for-tests-only",
        "N8N_SECURE_COOKIE": "false",
        "N8N_DIAGNOSTICS_ENABLED": "false",
        "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
        "N8N_TEMPLATES_ENABLED": "false",
        "N8N_PERSONALIZATION_ENABLED": "false",
        "N8N_DISABLED_MODULES": "mcp-registry",  # else it looks for a list of servers outside
        "NODE_ENV": "production",
    }


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not _is_ready(url):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz/readiness").is_success
    except httpx.HTTPError:
        return False


def _api_key(url: str) -> str:
    with httpx.Client(base_url=f"{url}/rest", timeout=30) as http:
        _ok(http.post("/owner/setup", json={**OWNER, "password": PASSWORD}))
        body = {"label": "sync", "scopes": SCOPES, "expiresAt": None}
        key: str = _ok(http.post("/api-keys", json=body))["data"]["rawApiKey"]
        return key


def _ok(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()
