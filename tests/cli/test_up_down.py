"""The platform comes up and goes down, whatever happened to it in between."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.cli.conftest import Mlops, mlops_process

pytestmark = pytest.mark.slow


@pytest.fixture
def up(mlops: Mlops) -> Iterator[dict[str, Any]]:
    done = mlops("up", "--json")
    assert done.code == 0, done.err + done.out
    yield done.json
    mlops("down")


def parts(home: Path) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads((home / "platform.json").read_text())["parts"]
    return stored


def pids(home: Path) -> dict[str, int]:
    return {name: part["pid"] for name, part in parts(home).items()}


def runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_its_life(mlops: Mlops, home: Path, up: dict[str, Any]) -> None:
    assert up["started"] == ["engine", "gateway"]
    assert up["pushed"]["create"] > 40
    assert httpx.get(f"{up['urls']['gateway']}/health").json()["status"] == "healthy"
    assert httpx.get(f"{up['urls']['gateway']}/pipelines").status_code == 401
    _again_changes_nothing(mlops, home)
    _what_steps_are_told_anew_reaches_them(mlops, home)
    _secret_key_is_there_for_jobs_only(home)
    _a_crashed_part_is_started_again(mlops, home)
    _a_hung_part_is_started_again(mlops, home)
    _plan_and_doctor_find_all_well(mlops)
    _an_edit_in_windmill_is_left_alone(mlops, home)
    _an_n8n_that_is_down_does_not_keep_it_down(mlops)
    _down_stops_both(mlops, home)


def _again_changes_nothing(mlops: Mlops, home: Path) -> None:
    before = pids(home)
    again = mlops("up", "--json").json
    assert (again["started"], again["pushed"]["create"], again["pushed"]["update"]) == ([], 0, 0)
    assert pids(home) == before


def _what_steps_are_told_anew_reaches_them(mlops: Mlops, home: Path) -> None:
    """An engine reads it when it starts; the gateway stays unless it is told otherwise, too."""
    told = {"MLOPS_SSH_KEYS": str(home)}
    assert mlops_process("up", "--json", **told).json["started"] == ["engine"]
    assert mlops_process("up", "--json", **told).json["started"] == []
    assert mlops("up", "--json").json["started"] == ["engine"]


def _windmill(home: Path) -> httpx.Client:
    token = json.loads((home / "secrets.json").read_text())["windmill_token"]
    return httpx.Client(
        base_url=f"{parts(home)['engine']['url']}/api/w/mlops",
        headers={"Authorization": f"Bearer {token}"},
    )


def _secret_key_is_there_for_jobs_only(home: Path) -> None:
    key = json.loads((home / "secrets.json").read_text())["secret_key"]
    with _windmill(home) as windmill:
        assert windmill.get("/variables/get_value/f/mlops/secret_key").json() == key
        assert key not in windmill.get("/variables/list").text
    for file in [home / "platform.json", *(home / "logs").iterdir()]:
        assert key not in file.read_text()


def _a_crashed_part_is_started_again(mlops: Mlops, home: Path) -> None:
    before = pids(home)
    os.kill(before["engine"], signal.SIGKILL)
    assert mlops("ls").code == 0  # the gateway and the registry are enough for that
    told = mlops("deploy", "rag-chatbot")
    assert told.code == 1
    assert "mlops up" in told.err
    again = mlops("up", "--json").json
    assert again["started"] == ["engine"]
    assert pids(home)["gateway"] == before["gateway"]
    assert (again["pushed"]["create"], again["pushed"]["update"]) == (0, 0)


def _a_hung_part_is_started_again(mlops: Mlops, home: Path) -> None:
    before = pids(home)
    os.kill(before["gateway"], signal.SIGSTOP)
    with pytest.MonkeyPatch.context() as patience:
        patience.setattr("cli.platform.embedded.ANSWER_WITHIN_SECONDS", 1.0)
        patience.setattr("cli.platform.processes.stop.__defaults__", (0.5,))
        assert mlops("up", "--json").json["started"] == ["gateway"]
    assert not runs(before["gateway"])


def _plan_and_doctor_find_all_well(mlops: Mlops) -> None:
    assert mlops("sync", "plan").code == 0
    checked = mlops("doctor", "--json")
    assert checked.code == 0, checked.out
    assert {"engine", "gateway"} <= {item["what"] for item in checked.json}


def _an_edit_in_windmill_is_left_alone(mlops: Mlops, home: Path) -> None:
    path = "f/mlops/assets/components"
    with _windmill(home) as windmill:
        edited = {**windmill.get(f"/resources/get_value/{path}").json(), "mine": {}}
        windmill.post(f"/resources/update_value/{path}", json={"value": edited})
        assert mlops("sync", "plan").code == 2
        assert mlops("sync", "push").code == 2
        told = mlops("up")
        assert (told.code, path in told.out) == (0, True)
        assert "mine" in windmill.get(f"/resources/get_value/{path}").json()
        kept = str(home / "release.plan")
        assert mlops("sync", "plan", "--out", kept).code == 2
        assert mlops("sync", "push", kept, "--force").code == 0
        late = mlops("sync", "push", kept)
        assert (late.code, "is as in Git already" in late.err) == (1, True)
        assert "mine" not in windmill.get(f"/resources/get_value/{path}").json()


def _an_n8n_that_is_down_does_not_keep_it_down(mlops: Mlops) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("N8N_API_URL", "http://127.0.0.1:9")
        environment.setenv("N8N_API_KEY", "a-key")
        told = mlops("up")
        assert told.code == 0
        assert re.search(r"n8n +not pushed: n8n does not answer: .*127.0.0.1:9", told.out)
        assert "mlops sync push" in told.out
        refused = mlops("sync", "push")
        assert refused.code == 1
        assert "n8n does not answer" in refused.err
    assert mlops("sync", "plan").code == 0


def _down_stops_both(mlops: Mlops, home: Path) -> None:
    before = pids(home)
    told = mlops("down", "--json")
    assert told.json["stopped"] == ["engine", "gateway"]
    assert not any(runs(pid) for pid in before.values())
    assert mlops("down").out == "Nothing was running.\n"


def test_taken_ports_are_passed_over_and_told(mlops: Mlops, home: Path) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 3000))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which does as well
        try:
            assert mlops("up", "--json").json["urls"]["engine"] != "http://127.0.0.1:3000"
        finally:
            mlops("down")


def test_a_part_that_cannot_start_says_why(mlops: Mlops, home: Path) -> None:
    (home / "engine").mkdir(parents=True)
    (home / "engine" / "engine.db").write_text("this is no database, but a text of some length")
    told = mlops("up", "--json")
    mlops("down")
    assert told.code == 1
    error = told.json["error"]
    assert error["code"] == "part_died"
    assert "engine.log" in error["where"]
    assert "database" in error["message"]


def test_two_at_once_do_not_start_two(home: Path) -> None:
    command = [sys.executable, "-m", "cli.main", "up", "--json"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outcomes = [(process.communicate(timeout=120)[0], process.returncode) for process in both]
    mlops_process("down")
    assert sorted(code for _, code in outcomes) == [0, 1]
    refused = next(json.loads(out) for out, code in outcomes if code)
    assert refused["error"]["code"] == "home_busy"


def test_down_without_a_home_is_fine(mlops: Mlops, home: Path) -> None:
    assert mlops("down", "--destroy", "--json").json == {
        "stopped": [], "destroyed": [], "still_deployed": [],
    }  # fmt: skip
    assert not home.exists()
