"""How a host is named to `mlops deploy`, and how it is asked what runs there."""

import time
from typing import Any

from tests.docker_engine.ssh_hosts import HOME, USER, SshHost

QUESTION = "How many days may a rented GPU stay idle before it is returned?"
FOLDER = f"{HOME}/.local/share/mlops"
ANSWERS_WITHIN_SECONDS = 90
ASK = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1], timeout=5).status)"


def on(host: SshHost, *settings: str, user: str = USER) -> list[str]:
    told = {"host": host.address, "port": host.port, "user": user, "key": str(host.key)}
    given = [*(f"{name}={value}" for name, value in told.items()), *settings]
    return ["--target", "ssh", *(word for each in given for word in ("--set", each))]


def is_healthy(host: SshHost, url: str) -> bool:
    """Asked on the host itself: nothing of the platform takes part."""
    try:
        return host.run("python3", "-c", ASK, url) == "200"
    except AssertionError:
        return False


def wait_until_healthy(host: SshHost, live: dict[str, Any]) -> None:
    behind = (live.get("place") or {}).get("behind")  # its name is known elsewhere
    url = f"http://127.0.0.1:{behind}/health" if behind else live["urls"]["health"]
    deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
    while not is_healthy(host, url):
        assert time.monotonic() < deadline, host.run("sh", "-c", "ps axww -o args")
        time.sleep(0.2)
