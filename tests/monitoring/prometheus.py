"""A real Prometheus over the shipped configuration, only faster."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from cli.platform.monitoring import keep_watchable
from tests.tools.needs import need

MONITORING = Path(__file__).parents[2] / "monitoring"
EVERY_SECONDS = 0.2
METRICS_TOKEN = "a-token-of-whoever-watches-1"


@dataclass(frozen=True)
class Prometheus:
    folder: Path
    http: httpx.Client

    def query(self, expression: str) -> list[dict[str, Any]]:
        answer = self.http.get("/api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", f"{expression}: {answer}"
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def numbers(self, expression: str) -> list[float]:
        return [float(series["value"][1]) for series in self.query(expression)]

    def healthy(self, job: str) -> list[dict[str, str]]:
        targets = self.http.get("/api/v1/targets").json()["data"]["activeTargets"]
        up = [t for t in targets if t["labels"]["job"] == job and t["health"] == "up"]
        return [t["labels"] for t in up]


@contextmanager
def running_prometheus(folder: Path, urls: dict[str, str]) -> Iterator[Prometheus]:
    folder.mkdir(exist_ok=True)
    keep_watchable(folder, urls, METRICS_TOKEN)
    _hurry(folder / "prometheus.yml")
    program, port = need("prometheus"), _free_port()
    options = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [str(program), *options, f"--web.listen-address=127.0.0.1:{port}"],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            until(lambda: _ready(http, process), lambda: (folder / "log").read_text()[-3000:])
            yield Prometheus(folder, http)
    finally:
        process.terminate()
        process.wait(20)


def until(condition: Callable[[], Any], what: Callable[[], object], seconds: float = 40) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, what()
        time.sleep(EVERY_SECONDS)
    return found


def _hurry(file: Path) -> None:
    configuration = yaml.safe_load(file.read_text())
    fast = f"{int(EVERY_SECONDS * 1000)}ms"
    configuration["global"] = {"scrape_interval": fast, "evaluation_interval": fast}
    for job in configuration["scrape_configs"]:
        job.pop("scrape_interval", None)
    file.write_text(yaml.safe_dump(configuration))


def _ready(http: httpx.Client, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None
    try:
        return http.get("/-/ready").is_success
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
