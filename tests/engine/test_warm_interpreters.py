"""Jobs are forks of an interpreter that has imported what they need; each is as alone as before."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import uv
import yaml

from engine.runtime.zygotes import Unfit, Zygote
from tests.engine.wheels import tiny_wheel

pytestmark = pytest.mark.slow

IMPORTS = yaml.safe_load(Path(__file__).with_name("unfit_imports.yaml").read_text())
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/", "PYTHONUNBUFFERED": "1"}
KNOWS = """
import sys
known = "warmed" in sys.modules
import warmed
def main():
    return known
"""


async def fit(python: Path, packages: Path, modules: list[str]) -> bool:
    zygote = Zygote(python, ENVIRONMENT | {"PYTHONPATH": str(packages)}, modules)
    try:
        await asyncio.wait_for(zygote.ready, 20)
    except Unfit as found:
        return found.module != modules[-1]
    finally:
        zygote.retire()
    return True


@pytest.mark.parametrize("kind", IMPORTS)
def test_what_jobs_must_not_share_is_not_imported_before_a_fork(
    kind: str, tmp_path: Path, interpreter: Path
) -> None:
    (tmp_path / "thing.py").write_text(IMPORTS[kind]["code"])
    modules = ["random", "uuid", "thing"]
    assert asyncio.run(fit(interpreter, tmp_path, modules)) == IMPORTS[kind].get("fit", False)


def test_what_a_job_imported_is_there_for_the_next_one(windmill: Any, tmp_path: Path) -> None:
    lock = tiny_wheel(tmp_path, "warmed", "VALUE = 42\n")
    assert windmill.preview(KNOWS, lock=lock)["result"] is False
    soon(lambda: windmill.preview(KNOWS, lock=lock)["result"] is True)


def test_a_job_leaves_nothing_to_the_next_one(windmill: Any, tmp_path: Path) -> None:
    lock = tiny_wheel(tmp_path, "counted", "COUNT = []\n")
    code = """
import sys
known = "counted" in sys.modules
import counted, os, random, signal
def main():
    counted.COUNT.append(1)
    os.environ["LEFT"] = os.environ.get("LEFT", "") + "x"
    random_number, session = random.random(), os.getsid(0) == os.getpid()
    files = [int(name) for name in os.listdir("/proc/self/fd")]
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    return [known, len(counted.COUNT), os.environ["LEFT"], session, len(files), random_number]
"""
    soon(lambda: windmill.preview(code, lock=lock)["result"][0])
    first, second = (windmill.preview(code, lock=lock)["result"] for _ in range(2))
    # Input, output twice, the lifeline, and the listing itself.
    assert first[:5] == second[:5] == [True, 1, "x", True, 5]
    assert first[5] != second[5]


def test_a_job_ends_as_python_ends(windmill: Any, tmp_path: Path) -> None:
    written, deleted = tmp_path / "written", tmp_path / "deleted"
    code = """
import atexit, tempfile, threading, time
def main(written, deleted):
    global file, temporary
    file = open(written, "w")
    file.write("not flushed")
    temporary = tempfile.NamedTemporaryFile(dir=deleted)
    atexit.register(print, "at exit")
    threading.Thread(target=lambda: (time.sleep(0.2), print("from a thread"))).start()
"""
    deleted.mkdir()
    job = windmill.preview(code, {"written": str(written), "deleted": str(deleted)})
    assert job["success"]
    assert job["logs"].endswith("from a thread\nat exit\n")
    assert written.read_text() == "not flushed"
    assert list(deleted.iterdir()) == []


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_job_may_have_processes_of_its_own(windmill: Any, method: str) -> None:
    code = f"""
import math, multiprocessing
def main():
    with multiprocessing.get_context("{method}").Pool(2) as pool:
        return pool.map(math.factorial, [3, 4])
"""
    job = windmill.preview(code)
    assert job["result"] == [6, 24], job["logs"]


def test_a_zygote_that_is_killed_ends_its_jobs_and_is_replaced(
    new_engine: Any, tmp_path: Path
) -> None:
    windmill = new_engine().start()
    note = tmp_path / "note"
    code = """
import os, time
def main(path):
    with open(path + ".new", "w") as file:
        file.write(f"{os.getppid()} {os.getpid()}")
    os.rename(path + ".new", path)
    time.sleep(60)
"""
    body = {"content": code, "language": "python3", "args": {"path": str(note)}}
    job_id = windmill.post("/jobs/run/preview", body)
    soon(note.exists)
    zygote, process = map(int, note.read_text().split())
    os.kill(zygote, signal.SIGKILL)
    error = windmill.ended(job_id)["result"]["error"]
    assert "terminated by signal" in error["message"]
    soon(lambda: not running(process))
    assert windmill.preview("def main():\n    return 1\n")["result"] == 1


def test_nothing_is_left_when_the_engine_is_killed(new_engine: Any) -> None:
    engine = new_engine()
    windmill = engine.start()
    assert windmill.preview("def main():\n    return 1\n")["result"] == 1
    below = psutil.Process(engine.process.pid).children(recursive=True)
    assert len(below) >= 2, "a zygote and its spare fork"
    engine.kill()
    _, alive = psutil.wait_procs(below, timeout=10)
    assert not alive


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With nothing but the standard library."""
    folder = tmp_path_factory.mktemp("interpreter")
    subprocess.run([uv.find_uv_bin(), "venv", "-q", str(folder / "it")], check=True)
    return folder / "it" / "bin" / "python"


def soon(condition: Callable[[], Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
