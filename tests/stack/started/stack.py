"""The whole stack on an engine of the tests' own, by the real Docker Compose."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy import make_env
from sync.build.node import node_home
from tests.docker_engine.engine import Engine, running_engine
from tests.stack.started.compose_program import compose_program
from tests.stack.started.images import ROOT, STAND_INS, build_images
from tests.tools.needs import need

# LiteLLM and Grafana are no part of what is asked here.
SERVICES = (
    "postgres", "redis", "windmill-server", "windmill-worker", "n8n", "n8n-worker", "n8n-webhook",
    "bootstrap", "gateway", "prometheus", "alertmanager", "chat",
)  # fmt: skip
MOUNTED = ("deploy", "monitoring", "k8s")
UP_WITHIN_SECONDS = 600


@dataclass
class Started:
    engine: Engine
    folder: Path

    def compose(self, *arguments: str) -> str:
        files = ("docker-compose.yml", str(STAND_INS / "compose.yml"))
        command = [str(compose_program()), *(f"--file={file}" for file in files), *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "DOCKER_HOST": self.engine.host},
            capture_output=True,
            text=True,
            check=False,
            timeout=UP_WITHIN_SECONDS,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{self.logs()}"
        return done.stdout

    def up(self) -> None:
        self.compose("up", "--detach", "--wait", "--pull=never", *SERVICES)

    def logs(self) -> str:
        shown = ("logs", "--tail=15", "--no-color")
        files = ("--file=docker-compose.yml", f"--file={STAND_INS / 'compose.yml'}")
        return subprocess.run(
            [str(compose_program()), *files, *shown],
            cwd=self.folder,
            env={**os.environ, "DOCKER_HOST": self.engine.host},
            capture_output=True,
            text=True,
            check=False,
        ).stdout

    def inspect(self, service: str) -> Any:
        (told,) = json.loads(self.engine.docker("inspect", f"mlops-{service}-1"))
        return told

    def address(self, service: str, network: str) -> str:
        networks = self.inspect(service)["NetworkSettings"]["Networks"]
        return str(networks[f"mlops_{network}"]["IPAddress"])

    def http(self, service: str, port: int, network: str = "edge") -> httpx.Client:
        url = f"http://{self.address(service, network)}:{port}"
        return httpx.Client(base_url=url, timeout=60, trust_env=False)

    def secret(self, name: str) -> str:
        (found,) = re.findall(rf"(?m)^{name}=(.+)$", (self.folder / ".env").read_text())
        return str(found)

    def die(self, service: str) -> None:
        """As a program dies, and not as somebody stops it: Docker then starts it again."""
        os.kill(self.inspect(service)["State"]["Pid"], signal.SIGKILL)


@contextmanager
def started_stack(folder: Path) -> Iterator[Started]:
    for name in MOUNTED:
        shutil.copytree(ROOT / name, folder / name)
    for name in ("docker-compose.yml", ".env.example"):
        shutil.copy(ROOT / name, folder)
    make_env.main([], folder)
    with (folder / ".env").open("a") as env:
        env.write("\n".join(_told()))
    folder.chmod(0o755)
    with running_engine("docker-data-stack", first=40) as engine:
        build_images(engine)
        stack = Started(engine, folder)
        try:
            yield stack
        finally:
            stack.compose("down", "--volumes", "--timeout=3")


def _told() -> Iterator[str]:
    yield "NOTIFY_WEBHOOK_URL=http://chat:9000/"
    yield f"N8N_FILES={need('n8n').parents[3]}"
    yield f"NODE_FILES={node_home()}"
    yield f"STAND_INS={STAND_INS}"
    yield ""
