"""Several processes of one pipeline at one port: they answer, are counted together, and end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.serving.llm_double import KEY, LlmDouble
from tests.serving.support import chatbot, until

pytestmark = pytest.mark.slow
COPIES = 2


class Served:
    """`python -m serving --replicas 2` and its processes."""

    def __init__(self, folder: Path, llm_url: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.folder = folder
        options = ["--pipeline", str(folder / "pipeline.json"), "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "serving", *options, "--data-dir", str(folder / "data"),
             "--replicas", str(COPIES)],
            env=os.environ | {"LLM_BASE_URL": llm_url, "LLM_API_KEY": KEY},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    def copies(self) -> set[int]:
        """Those that hold a folder; Python has a helper of its own beside them."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        told = ((int(each), Path(f"/proc/{each}/cmdline")) for each in children.split())
        return {each for each, line in told if b"spawn_main" in line.read_bytes()}

    def get(self, path: str) -> httpx.Response:
        """By a connection of its own, so that any of them may answer."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=30)

    def is_healthy(self) -> bool:
        try:
            return self.get("/health").status_code == 200
        except httpx.HTTPError:
            return False

    def told(self) -> dict[str, int]:
        """What any of them says of all."""
        return dict(self.get("/health").json()["copies"])

    def ready(self) -> int:
        """Processes whose port is open."""
        return sum(_listens(pid, self.port) for pid in self.copies())

    def counted(self) -> float:
        """Answers to /health, whichever gave them."""
        page = self.get("/metrics").text
        found = re.findall(r'api_requests_total\{.*route="/health".*\} ([\d.e+]+)', page)
        return sum(map(float, found))

    def is_free(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) != 0


def _listens(pid: int, port: int) -> bool:
    """It has begun to accept: uvicorn's loop waits at the shared socket, by epoll."""
    told = Path(f"/proc/{pid}/fdinfo")
    try:
        watched = [each.read_text() for each in told.iterdir()]
        links = {each.name: os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir()}
    except FileNotFoundError:
        return False
    inode = _inode(port)
    own = {name for name, link in links.items() if link == f"socket:[{inode}]"}
    tfd = {match for text in watched for match in re.findall(r"tfd:\s+(\d+)", text)}
    return bool(own & tfd)


def _inode(port: int) -> str:
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return next((row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"), "")


@pytest.fixture
def served(llm: LlmDouble, handbook: Path, tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "pipeline.json").write_text(json.dumps(chatbot(handbook)))
    served = Served(tmp_path, llm.url)
    until(served.is_healthy)
    until(lambda: served.told()["answering"] == COPIES)
    yield served
    with suppress(ProcessLookupError):
        os.killpg(served.process.pid, signal.SIGKILL)
    served.process.wait()


def test_all_answer_and_what_they_count_is_added_up(served: Served) -> None:
    before = served.counted()
    assert all(served.is_healthy() for _ in range(20))
    assert served.counted() - before == 20
    folders = {each.name for each in (served.folder / "data" / "copies").iterdir()}
    assert folders == {"1", "2"}, "each writes in its own"


def test_how_many_answer_is_told_by_each_of_them(served: Served) -> None:
    assert served.ready() == COPIES, "what they say of themselves is so"
    one = min(served.copies())
    os.kill(served.process.pid, signal.SIGSTOP)  # nobody starts it again
    os.kill(one, signal.SIGKILL)
    until(lambda: served.told()["answering"] == COPIES - 1)
    os.kill(served.process.pid, signal.SIGCONT)
    until(lambda: served.told() == {"wanted": COPIES, "answering": COPIES})


def test_one_that_dies_while_it_is_asked_how_it_is_comes_again(served: Served) -> None:
    one = min(served.copies())
    os.kill(one, signal.SIGSTOP)
    until(lambda: "poll" in Path(f"/proc/{served.process.pid}/wchan").read_text())
    os.kill(one, signal.SIGKILL)
    until(lambda: one not in served.copies() and served.ready() == COPIES)


def test_one_that_dies_comes_again_in_its_folder_while_the_other_answers(served: Served) -> None:
    one = min(served.copies())
    os.kill(one, signal.SIGKILL)
    until(lambda: one not in served.copies() and served.ready() == COPIES)
    assert served.is_healthy()
    folders = {each.name for each in (served.folder / "data" / "copies").iterdir()}
    assert folders == {"1", "2"}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_none_outlives_the_first(served: Served, how: signal.Signals) -> None:
    started = served.copies()
    assert len(started) == COPIES
    served.process.send_signal(how)
    served.process.wait(30)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))
    assert served.is_free()


def test_what_is_wrong_is_told_once(handbook: Path, tmp_path: Path) -> None:
    (tmp_path / "pipeline.json").write_text(json.dumps(chatbot(handbook)))
    options = ["--pipeline", str(tmp_path / "pipeline.json"), "--port", "9", "--replicas", "2"]
    command = [sys.executable, "-m", "serving", *options, "--data-dir", str(tmp_path)]
    environment = os.environ | {"LLM_BASE_URL": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("Set LLM_BASE_URL to the address") == 1, done.stderr
    assert "Traceback" not in done.stderr
