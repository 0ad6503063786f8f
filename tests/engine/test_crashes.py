"""kill -9 at every commit: what was done stays done, in order, and nothing is left running."""

import os
import signal
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

pytestmark = pytest.mark.slow

APPEND = """
def main(path, n):
    with open(path, "a") as file:
        file.write(f"{n}\\n")
    return n
"""
STEPS = 5
# Fault points are numbered by commits. Five a step, four before the first.
LAST_POINT = 4 + 5 * STEPS
EVERY_POINT = os.environ.get("FAULTS") == "all"


def appending_flow(raw: Callable[..., Any], path: Path, steps: int = STEPS) -> dict[str, Any]:
    return {
        "modules": [
            {"id": f"s{n}", "value": raw(APPEND, path=str(path), n=n)} for n in range(steps)
        ]
    }


def crash_and_recover(make: Any, raw: Any, folder: Path, fault: int) -> dict[str, Any]:
    """Run the flow in an engine that dies at `fault`, then in one that does not."""
    job_id, effects = str(uuid.uuid4()), folder / "effects"
    flow = appending_flow(raw, effects)
    dying = make(folder, fault)
    windmill = dying.start()
    if windmill is None:
        dying.process.wait(20)
    else:
        start_without_answer(windmill, flow, job_id)
        watch_until_death_or_end(windmill, dying.process, job_id)
    died = dying.process.poll() == -signal.SIGKILL
    dying.kill()
    finished_before = effects.read_text().split() if effects.exists() else []
    living = make(folder)
    windmill = living.start()
    start_without_answer(windmill, flow, job_id)
    job = windmill.ended(job_id)
    living.stop()
    return {
        "died": died,
        "job": job,
        "effects": effects.read_text().split(),
        "before": finished_before,
    }


def start_without_answer(windmill: Any, flow: dict[str, Any], job_id: str) -> None:
    """A caller that chose the id may post again whatever became of the first try."""
    try:
        body = {"value": flow, "args": {}}
        windmill.http.post("/jobs/run/preview_flow", json=body, params={"job_id": job_id})
    except httpx.TransportError:
        return


def watch_until_death_or_end(windmill: Any, process: Any, job_id: str) -> None:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if windmill.http.get(f"/jobs_u/completed/get_result/{job_id}").status_code == 200:
                return
        except httpx.TransportError:
            continue
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("side", ["before the commit", "after the commit"])
def test_a_flow_survives_a_kill_at_every_commit(
    side: str, engines_at: Any, raw: Any, tmp_path: Path
) -> None:
    # A stride of four meets each of a step's five commits, each in another step.
    sign, first = (-1, 1) if side == "before the commit" else (1, 3)
    points = range(first, LAST_POINT + 5, 1 if EVERY_POINT else 4)

    def run(point: int) -> tuple[int, dict[str, Any]]:
        return point, crash_and_recover(engines_at, raw, tmp_path / str(point), sign * point)

    with ThreadPoolExecutor(4) as pool:
        outcomes = dict(pool.map(run, points))
    died = [point for point, outcome in outcomes.items() if outcome["died"]]
    assert died == [point for point in points if point <= LAST_POINT]
    for point, outcome in outcomes.items():
        effects = outcome["effects"]
        assert outcome["job"]["success"], (point, outcome["job"]["result"])
        assert sorted(set(effects)) == [str(n) for n in range(STEPS)], (point, effects)
        assert effects == sorted(effects), (point, effects)
        assert effects[: len(outcome["before"])] == outcome["before"], (point, effects)
        # Only the step that was under way may have happened twice.
        assert len(effects) <= STEPS + 1, (point, effects)


def test_a_running_job_dies_with_its_engine_and_runs_again(
    new_engine: Any, raw: Any, tmp_path: Path
) -> None:
    code = """
import os, subprocess, time
def main(folder):
    tries = len(os.listdir(folder))
    child = subprocess.Popen(["sleep", "600"])
    open(f"{folder}/{tries}", "w").write(f"{os.getpid()} {child.pid}")
    if tries == 0:
        time.sleep(600)
    child.kill()
    return tries
"""
    notes = tmp_path / "notes"
    notes.mkdir()
    dying = new_engine()
    windmill = dying.start()
    value = {"modules": [{"id": "a", "value": raw(code, folder=str(notes))}]}
    job_id = windmill.start_flow(value)
    wait_for(lambda: (notes / "0").exists() and (notes / "0").read_text())
    dying.kill()

    windmill = new_engine().start()
    assert windmill.ended(job_id)["result"] == 1
    for pid in (notes / "0").read_text().split():
        assert not running(int(pid))


def test_orphans_are_killed_by_the_next_engine_even_when_they_did_not_notice(
    new_engine: Any, tmp_path: Path
) -> None:
    """A stopped process cannot react to the closed pipe; the record of its group can."""
    dying = new_engine()
    windmill = dying.start()
    code = """
import os, time
def main(path):
    first = not os.path.exists(path)
    open(path, "a").write(f"{os.getpid()} ")
    time.sleep(600 if first else 0)
    return "again"
"""
    pidfile = tmp_path / "pid"
    body = {"content": code, "language": "python3", "args": {"path": str(pidfile)}}
    job_id = windmill.post("/jobs/run/preview", body)
    wait_for(lambda: pidfile.exists() and pidfile.read_text())
    first = int(pidfile.read_text())
    os.kill(first, signal.SIGSTOP)
    wait_for(lambda: psutil.Process(first).status() == psutil.STATUS_STOPPED)
    dying.kill()
    assert running(first)
    windmill = new_engine().start()
    assert windmill.ended(job_id)["result"] == "again"
    assert not running(first)


def test_deadlines_outlive_the_engine(new_engine: Any) -> None:
    """Sleeping, waiting for approval and scheduled for later: all go on where they were."""
    identity, one_event = {"type": "identity"}, {"required_events": 1}
    dying = new_engine()
    windmill = dying.start()
    asleep = windmill.start_flow(
        {"modules": [{"id": "a", "sleep": {"type": "static", "value": 0.5}, "value": identity}]}
    )
    suspended = windmill.start_flow(
        {"modules": [{"id": "a", "suspend": one_event, "value": identity}]}
    )
    timing_out = windmill.start_flow(
        {"modules": [{"id": "a", "suspend": one_event | {"timeout": 1}, "value": identity}]}
    )
    later = windmill.start_flow(
        {"modules": [{"id": "a", "value": identity}]}, scheduled_in_secs=0.5
    )
    windmill.until(suspended, lambda job: job["suspend"])
    windmill.until(timing_out, lambda job: job["suspend"])
    dying.kill()

    windmill = new_engine().start()
    windmill.post(f"/jobs/flow/resume/{suspended}", {})
    assert windmill.ended(asleep)["success"]
    assert windmill.ended(suspended)["success"]
    assert windmill.ended(later)["success"]
    assert windmill.ended(timing_out)["result"]["error"]["name"] == "SuspendedTimedOut"


def test_a_schedule_goes_on_after_a_kill(new_engine: Any) -> None:
    """That none of its runs is lost or doubled, test_firing.py shows at every commit."""
    dying = new_engine()
    windmill = dying.start()
    windmill.flow("f/x/tick", {"modules": [{"id": "a", "value": {"type": "identity"}}]})
    body = {"path": "f/x/tick", "script_path": "f/x/tick", "is_flow": True, "enabled": True}
    windmill.post("/schedules/create", body | {"schedule": "* * * * * *", "timezone": "UTC"})
    wait_for(lambda: ticks(windmill))
    dying.kill()
    before = ticks(windmill := new_engine().start())
    wait_for(lambda: len(ticks(windmill)) > len(before))
    assert set(before) < set(ticks(windmill))


def ticks(windmill: Any) -> list[str]:
    runs = windmill.get("/jobs/completed/list", schedule_path="f/x/tick")
    return [job["id"] for job in runs if job["success"]]


def test_sigterm_stops_jobs_and_leaves_them_for_the_next_start(
    new_engine: Any, tmp_path: Path
) -> None:
    pidfile = tmp_path / "pid"
    code = (
        "import os, signal, time\n"
        "def main(path):\n"
        "    first = not os.path.exists(path)\n"
        "    open(path, 'a').write(f'{os.getpid()} ')\n"
        "    if first:\n"
        "        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "        time.sleep(600)\n"
        "    return 'second life'\n"
    )
    engine = new_engine()
    windmill = engine.start()
    body = {"content": code, "language": "python3", "args": {"path": str(pidfile)}}
    job_id = windmill.post("/jobs/run/preview", body)
    wait_for(lambda: pidfile.exists() and pidfile.read_text())
    started = time.monotonic()
    assert engine.stop() == 0
    assert time.monotonic() - started < 10
    assert not running(int(pidfile.read_text()))
    assert new_engine().start().ended(job_id)["result"] == "second life"


def test_a_second_engine_on_the_same_database_is_refused(new_engine: Any) -> None:
    first, second = new_engine(), new_engine()
    assert first.start()
    assert second.start() is None
    assert second.process.wait(20) == 1
    assert "in use by another engine" in (second.folder / "log").read_text()
    assert first.windmill.get("/scripts/list_paths") == []


def test_the_database_is_private(new_engine: Any) -> None:
    engine = new_engine()
    engine.start()
    assert (engine.folder / "db").stat().st_mode & 0o077 == 0


def wait_for(condition: Callable[[], Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
