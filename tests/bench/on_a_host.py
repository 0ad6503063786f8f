"""The same pipeline here and on a host reached by SSH: from Deploy to the first answer."""

import statistics
import tempfile
import time
from pathlib import Path

from tests.bench.cases import QUESTION
from tests.docker_engine.engine import running_engine
from tests.docker_engine.ssh_hosts import key_pair, ssh_host
from tests.e2e.harness import EXAMPLES, Platform
from tests.e2e.ssh.settings import on

DOCUMENTS = f"documents={EXAMPLES}"
LOCAL = ["--target", "local", "--set", DOCUMENTS]


def on_a_host(rounds: int) -> str:
    """A round before the first is not counted: it builds the environments at both places."""
    with tempfile.TemporaryDirectory(prefix="mlops-") as folder, running_engine() as engine:
        key = key_pair(Path(folder))
        (home := Path(folder) / "home").mkdir()
        platform = Platform(home, {"MLOPS_SSH_KEYS": str(key)})
        with ssh_host(engine, key) as host:
            places = {"here": LOCAL, "on a host by SSH": on(host, DOCUMENTS)}
            try:
                platform.run("up")
                return _table(_measured(platform, places, rounds))
            finally:
                platform.run("down", "--destroy", fine=(0, 1, 2))


def _measured(
    platform: Platform, places: dict[str, list[str]], rounds: int
) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {place: [] for place in places}
    for number in range(rounds + 1):
        for place, settings in places.items():
            started = time.perf_counter()
            live = platform.json("deploy", "rag-chatbot", *settings)
            platform.json("chat", "rag-chatbot", QUESTION)
            if number:
                seconds[place].append(time.perf_counter() - started)
            platform.run("destroy", live["deployment_id"], "--yes")
    return seconds


def _table(seconds: dict[str, list[float]]) -> str:
    lines = ["Deploy pressed → first answer, caches warm"]
    for place, taken in seconds.items():
        spread = f"{min(taken):.1f}–{max(taken):.1f}"
        lines.append(f"  {place:34} {statistics.median(taken):8.1f} s  ({spread})")
    here, there = map(statistics.median, seconds.values())
    lines.append(f"  {'more than here':34} {there - here:8.1f} s  wanted: 5 s at most")
    return "\n".join(lines)
