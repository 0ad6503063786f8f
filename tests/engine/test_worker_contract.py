"""A worker runs only what was pushed: the reasons why a script that works here works anywhere."""

import base64
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.engine.wheels import tiny_wheel


@pytest.fixture
def wheel(tmp_path: Path) -> str:
    return tiny_wheel(tmp_path, "tiny_thing", "VALUE = 42\n")


@pytest.mark.parametrize(
    "module", ["sync", "cli", "engine", "windmill.scripts.model", "tests", "httpx", "pip"]
)
def test_nothing_of_the_checkout_or_the_platform_can_be_imported(
    windmill: Any, module: str
) -> None:
    job = windmill.preview(f"import {module}\ndef main():\n    pass\n", path="f/jobs/greedy")
    error = job["result"]["error"]
    assert error["name"] == "ExecutionErr"
    assert f"ModuleNotFoundError: No module named '{module.partition('.')[0]}" in error["message"]
    assert "lock of f/jobs/greedy" in error["message"]


def test_the_packages_of_the_lock_can_be_imported(windmill: Any, wheel: str) -> None:
    code = "import tiny_thing\ndef main():\n    return tiny_thing.VALUE\n"
    job = windmill.preview(code, lock=f"# py: 3.11\n{wheel}")
    assert job["result"] == 42, job["logs"]


def test_environment_markers_of_a_lock_are_honoured(windmill: Any, wheel: str) -> None:
    code = "import tiny_thing\ndef main():\n    return tiny_thing.VALUE\n"
    job = windmill.preview(code, lock=f"{wheel} ; sys_platform == 'win32'")
    assert "tiny_thing" in job["result"]["error"]["message"]


def test_a_lock_that_cannot_be_installed_says_so(windmill: Any) -> None:
    job = windmill.preview("def main(): pass", lock="nothing @ file:///no/such.whl")
    assert "uv pip failed" in job["result"]["error"]["message"]
    assert "such.whl" in job["logs"]


def test_the_job_folder_holds_the_script_alone(windmill: Any) -> None:
    code = """
import os
def main():
    files = [os.path.relpath(os.path.join(at, n)) for at, _, names in os.walk(".") for n in names]
    return sorted(name for name in files if not name.endswith(".pyc"))
"""
    job = windmill.preview(code, path="f/jobs/look")
    assert job["result"] == ["args.json", "f/jobs/look.py", "job.json", "wrapper.py"]


def test_the_job_folder_is_removed(windmill: Any) -> None:
    job = windmill.preview("import os\ndef main():\n    return os.getcwd()\n")
    assert not Path(job["result"]).exists()


def test_the_environment_is_clean(windmill: Any) -> None:
    code = """
import os, shutil, sys
def main():
    return [dict(os.environ), sys.path, shutil.which("ruff")]
"""
    environment, path, tool = windmill.preview(code)["result"]
    checkout = str(Path(__file__).parents[2])
    assert tool is None
    assert environment["PATH"] == "/usr/local/bin:/usr/bin:/bin"
    assert environment["FROM_ENV_FILE"] == "yes"
    assert not [entry for entry in path if entry.startswith(checkout)]
    assert "CANARY_OF_THE_HOST" not in environment
    assert environment["WM_TOKEN"] != windmill.token


def test_a_job_s_token_opens_the_api_only_while_it_runs(windmill: Any) -> None:
    code = """
import os, urllib.request
def main():
    url, token = os.environ["BASE_INTERNAL_URL"] + "/api/users/whoami", os.environ["WM_TOKEN"]
    request = urllib.request.Request(url, headers={"Authorization": "Bearer " + token})
    return [urllib.request.urlopen(request).status, token]
"""
    status, token = windmill.preview(code)["result"]
    assert status == 200
    refused = windmill.http.get("/scripts/list", headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 401


def test_imports_are_resolved_from_the_server(windmill: Any, unique: str) -> None:
    base = f"f/{unique}"
    windmill.script(f"{base}/model/offer", "class Offer:\n    price = 3\n")
    windmill.script(
        f"{base}/model/deep/tool",
        "from ..offer import Offer\ndef price():\n    return Offer.price\n",
    )
    windmill.script(f"{base}/other", "def name():\n    return __name__\n")
    code = f"""
from .model.deep.tool import price
from .model.offer import Offer
from f.{unique}.model.offer import Offer as Same
from {base.replace("/", ".")} import other
def main():
    return [price(), Offer is Same, other.name()]
"""
    windmill.script(f"{base}/step", code)
    job = windmill.ended(windmill.start_script(f"{base}/step"))
    assert job["result"] == [3, True, f"f.{unique}.other"], job["logs"]


def test_an_imported_script_shows_its_source_in_a_traceback(windmill: Any, unique: str) -> None:
    windmill.script(f"f/{unique}/lib", "def fail():\n    raise KeyError('the line is shown')\n")
    windmill.script(f"f/{unique}/step", "from .lib import fail\ndef main():\n    fail()\n")
    error = windmill.ended(windmill.start_script(f"f/{unique}/step"))["result"]["error"]
    assert "raise KeyError('the line is shown')" in error["stack"]
    assert "wrapper.py" not in error["stack"]


def test_a_script_that_is_not_deployed_cannot_be_imported(windmill: Any, unique: str) -> None:
    job = windmill.preview(
        f"from f.{unique}.nowhere import x\ndef main(): pass", path=f"f/{unique}/a"
    )
    assert "ModuleNotFoundError" in job["result"]["error"]["message"]
    assert "no script of that path is deployed" in job["result"]["error"]["message"]


def test_arguments_are_converted_by_annotation(windmill: Any) -> None:
    code = """
from datetime import date, datetime
def main(raw: bytes, at: datetime, day: date, left_out, kept: int = 7):
    return [raw.decode(), at.year, day.day, left_out, kept]
"""
    args = {
        "raw": base64.b64encode(b"hi").decode(),
        "at": "2026-11-22T01:02:03Z",
        "day": "2026-11-22",
        "kept": None,
    }
    assert windmill.preview(code, args)["result"] == ["hi", 2026, 22, None, 7]


def test_results_become_json(windmill: Any) -> None:
    code = """
from pathlib import PurePosixPath
def main():
    numbers = [float("nan"), float("inf"), 1.5]
    text = "NaN in a text, and a NUL: \\x00"
    return {"nan": numbers, "bytes": b"hi", "path": PurePosixPath("/a"), 1: (2, 3), "t": text}
"""
    expected = {
        "nan": [None, None, 1.5],
        "bytes": "aGk=",
        "path": "/a",
        "1": [2, 3],
        "t": "NaN in a text, and a NUL:  null ",
    }
    assert windmill.preview(code)["result"] == expected


def test_numbers_are_kept_without_exponent(windmill: Any) -> None:
    code = "def main():\n    return [2**64, 1e300, 1.5e-7, 1.0, -0.0, 0.1]\n"
    result = windmill.preview(code)["result"]
    assert result == [2**64, 10**300, 1.5e-7, 1.0, 0.0, 0.1]
    assert [type(number) for number in result] == [int, int, float, float, float, float]
    assert str(result[4]) == "0.0"


def test_an_error_whose_attributes_are_no_json_is_one_text(windmill: Any) -> None:
    code = OWN.replace("7", "float('nan')")
    error = windmill.preview(code)["result"]["error"]
    assert error.keys() == {"message"}
    assert error["message"].startswith("Non serializable error: {")


def test_two_mains_are_one_too_many(windmill: Any) -> None:
    """Windmill takes the arguments of the first for the second."""
    code = "def main(a=1):\n    return a\n\ndef main(b=2):\n    return b\n"
    assert not windmill.preview(code, {"a": 3})["success"]


DECORATED = """
import functools
def same(function):
    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapped
@same
def main(x=5):
    return x
"""


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("def main():\n    yield 'a'\n    yield 'b'\n", "ab"),
        ("def main():\n    return map(str, [1, 2])\n", "12"),
        ("def main():\n    return open('/dev/null')\n", None),
        ("class main:\n    def __str__(self): return 'made'\n", "made"),
        ("def main(a, **more):\n    return more\n", {}),
        (DECORATED, 5),
        ("import os\ndef main():\n    os.chdir('/')\n    return 'moved'\n", "moved"),
    ],
)
def test_kinds_of_main(windmill: Any, code: str, result: Any) -> None:
    assert windmill.preview(code)["result"] == result


OWN = """
class Own(Exception):
    def __init__(self):
        self.code = 7
def main():
    raise Own
"""


OWN = """
class Own(Exception):
    def __init__(self):
        self.code = 7
def main():
    raise Own
"""


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("x = 1\n", "AttributeError"),
        ("main = 1\n", "ValueError"),
        ("def main(:\n", "ExecutionErr"),
        ("def main(a, /): pass\n", "TypeError"),
        ("raise KeyError('at import')\n", "ExecutionErr"),
        ("def main():\n    return {(1, 2): 3}\n", "TypeError"),
        ("def main():\n    yield 1\n", "AttributeError"),
        ("def main():\n    return {'wm_failure': 'I say so'}\n", "ManualFailure"),
        ("import os\ndef main():\n    os._exit(0)\n", "InternalErr"),
        ("import os\ndef main():\n    os.kill(os.getpid(), 15)\n", "ExecutionErr"),
        ("import sys\ndef main():\n    sys.exit(3)\n", "SystemExit"),
        ("import os\ndef main():\n    os._exit(3)\n", "ExecutionErr"),
        ("def main():\n    return 'x' * 9_000_000\n", "ResultTooLarge"),
        ("def main():\n    return 'half \\ud800 of a pair'\n", "InternalErr"),
        (OWN, "Own"),
    ],
)
def test_kinds_of_failure(windmill: Any, code: str, name: str) -> None:
    job = windmill.preview(code)
    assert not job["success"]
    assert job["result"]["error"]["name"] == name
    if name == "Own":
        assert job["result"]["error"]["extra"] == {"code": 7}


def test_references_in_arguments_are_resolved(windmill: Any, unique: str) -> None:
    windmill.post(
        "/variables/create",
        {"path": f"u/admin/{unique}", "value": "s3cret", "is_secret": True, "description": ""},
    )
    windmill.post(
        "/resources/create",
        {
            "path": f"u/admin/{unique}",
            "value": {"pw": f"$var:u/admin/{unique}"},
            "resource_type": "any",
        },
    )
    job = windmill.preview(
        "def main(r, v):\n    return [r['pw'], v]\n",
        {"r": f"$res:u/admin/{unique}", "v": f"$var:u/admin/{unique}"},
    )
    assert job["result"] == ["s3cret", "s3cret"]
    assert "s3cret" not in str(job["args"])


def test_logs_can_be_read_while_a_job_runs(windmill: Any) -> None:
    code = "import time\ndef main():\n    print('first')\n    time.sleep(60)\n"
    job_id = windmill.post("/jobs/run/preview", {"content": code, "language": "python3"})
    windmill.until(job_id, lambda job: "first" in job["logs"])
    update = windmill.get(f"/jobs_u/getupdate/{job_id}", running=False, log_offset=0)
    assert update["running"]
    assert not update["completed"]
    assert (
        windmill.get(f"/jobs_u/getupdate/{job_id}", log_offset=update["log_offset"])["new_logs"]
        == ""
    )
    windmill.post(f"/jobs_u/queue/force_cancel/{job_id}", {})
    assert windmill.ended(job_id)["canceled"]


def test_logs_are_capped(windmill: Any) -> None:
    job = windmill.preview("def main():\n    for _ in range(70): print('x' * 100_000)\n")
    assert job["success"]
    assert "the log is cut here" in job["logs"]
    assert len(job["logs"]) < 5_001_000


def test_a_timeout_stops_the_whole_group(windmill: Any, tmp_path: Path) -> None:
    code = """
import subprocess
def main(pidfile):
    child = subprocess.Popen(["sleep", "600"])
    open(pidfile, "w").write(str(child.pid))
    child.wait()
"""
    pidfile = tmp_path / "pid"
    windmill.script("f/jobs/spawns", code)
    job = windmill.ended(
        windmill.start_script("f/jobs/spawns", {"pidfile": str(pidfile)}, timeout=0.5)
    )
    assert "due to timeout" in job["result"]["error"]["message"]
    assert not alive(int(pidfile.read_text()))


def test_a_cancelled_job_may_clean_up(windmill: Any) -> None:
    code = """
import time
def main():
    try:
        print("working", flush=True)
        time.sleep(60)
    finally:
        print("cleaned up")
"""
    job_id = windmill.post("/jobs/run/preview", {"content": code, "language": "python3"})
    windmill.until(job_id, lambda job: "working" in job["logs"])
    windmill.post(f"/jobs_u/queue/cancel/{job_id}", {"reason": "changed my mind"})
    job = windmill.ended(job_id)
    assert "cleaned up" in job["logs"]
    assert job["result"]["error"]["name"] == "ExecutionErr"
    assert "changed my mind" in job["result"]["error"]["message"]


def test_a_daemon_that_left_the_group_outlives_its_job(windmill: Any, tmp_path: Path) -> None:
    code = """
import subprocess
def main():
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(["sleep", "30"], start_new_session=True, **quiet).pid
"""
    pid = windmill.preview(code)["result"]
    assert alive(pid)
    os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().split()[2] != "Z"
