"""A real LiteLLM, started as deployments start it."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.gateway.stack import free_port
from tests.tools.needs import need

ROOT = Path(__file__).parents[2]
START = ROOT / "ansible" / "roles" / "litellm" / "files" / "start_proxy.py"
KEY = "sk-master-key-for-tests"


@dataclass(frozen=True)
class Proxy:
    url: str
    log: Path

    def ask(self, model: str, key: str = KEY) -> httpx.Response:
        return httpx.post(
            f"{self.url}/v1/chat/completions",
            headers={"Authorization": f"Bearer {key}"},
            json={"model": model, "messages": [{"role": "user", "content": "Who are you?"}]},
            timeout=120,
        )

    def is_ready(self) -> bool:
        """As the stack's health check and the pod's probe ask."""
        try:
            return httpx.get(f"{self.url}/health/readiness", timeout=60).is_success
        except httpx.TransportError:
            return False


@contextmanager
def running_proxy(
    folder: Path, configuration: Path, environment: Mapping[str, str]
) -> Iterator[Proxy]:
    proxy = Proxy(f"http://127.0.0.1:{(port := free_port())}", folder / "log")
    address = ["--host", "127.0.0.1", "--port", str(port)]
    with proxy.log.open("w") as log:
        process = subprocess.Popen(
            [need("litellm"), "-P", START, "--config", configuration, *address],
            cwd=folder,
            env={
                "LITELLM_MASTER_KEY": KEY,
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                "LITELLM_TELEMETRY": "False",
                "HOME": str(folder),
                **environment,
            },
            stdout=log,
            stderr=log,
        )
    try:
        while not proxy.is_ready():
            assert process.poll() is None, proxy.log.read_text()[-3000:]
        yield proxy
    finally:
        process.terminate()
        process.wait(60)
