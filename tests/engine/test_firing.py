"""Schedules by a clock of the test's own: when they fire, and that each fires once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from engine.errors import ApiError, BadRequest
from engine.triggers.cron import due_times
from tests.engine.firing import LAST, SCHEDULE, START, STEP, WORKSPACE, Firing

ROOT = Path(__file__).parents[2]
CRON = yaml.safe_load(Path(__file__).with_name("cron.yaml").read_text())
BOTH = pytest.mark.parametrize("is_flow", [False, True], ids=["script", "flow"])


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{c['cron']} {c.get('zone')}") for c in CRON])
def test_a_schedule_is_due(case: dict[str, Any]) -> None:
    zone = case.get("zone", "UTC")
    after = datetime.fromisoformat(case.get("after", "2026-03-10T12:00:00+00:00")).timestamp()
    if "refused" in case:
        with pytest.raises(BadRequest, match=case["refused"]):
            due_times(case["cron"], zone, after)
        return
    due = islice(due_times(case["cron"], zone, after), len(case["due"]))
    assert [datetime.fromtimestamp(at, ZoneInfo(zone)).isoformat() for at in due] == case["due"]


@pytest.fixture
def firing(tmp_path: Path) -> Iterator[Firing]:
    made = Firing(tmp_path)
    yield made
    made.engine.db.close()


@BOTH
def test_the_next_run_is_a_job_in_the_queue(firing: Firing, is_flow: bool) -> None:
    firing.deploy(is_flow, tag="gpu")
    (job,) = firing.runs()
    assert (job.scheduled_for, job.args, job.tag) == (START + STEP, '{"n": 1}', "gpu")
    assert (job.schedule_path, job.created_by) == (SCHEDULE, "schedule-f-x-often")
    firing.begin_due()
    assert firing.runs("running") == []


def test_a_planned_run_is_no_work_that_waits(firing: Firing) -> None:
    firing.deploy(is_flow=False)
    assert firing.jobs.numbers().queued == 0


def test_a_flow_plans_the_next_run_as_it_starts(firing: Firing) -> None:
    firing.deploy(is_flow=True)
    firing.clock.now += STEP
    firing.begin_due()
    assert firing.planned() == [START + 2 * STEP]
    firing.end_running()
    assert firing.planned() == [START + 2 * STEP]


def test_a_script_plans_the_next_run_as_it_ends_and_never_overlaps(firing: Firing) -> None:
    firing.deploy(is_flow=False)
    firing.clock.now += STEP
    firing.begin_due()
    assert firing.planned() == []
    firing.clock.now += 2.5 * STEP
    firing.end_running()
    assert firing.planned() == [START + 4 * STEP]


@BOTH
def test_what_was_missed_runs_once(firing: Firing, is_flow: bool) -> None:
    firing.deploy(is_flow)
    firing.clock.now += 100.5 * STEP
    firing.begin_due()
    firing.end_running()
    assert [job.state for job in firing.runs()] == ["done", "queued"]
    assert firing.planned() == [START + 101 * STEP]


@BOTH
def test_a_run_that_ends_before_its_time_is_not_planned_again(
    firing: Firing, is_flow: bool
) -> None:
    """A cancel, or a clock that was put back."""
    firing.deploy(is_flow)
    firing.jobs.finish(firing.runs()[0].id, "null", success=False)
    assert firing.planned() == [START + 2 * STEP]


def test_flows_overlap_unless_the_schedule_says_no(firing: Firing) -> None:
    firing.deploy(is_flow=True)
    for _ in range(2):
        firing.clock.now += STEP
        firing.begin_due()
    assert len(firing.runs("running")) == 2


def test_a_run_that_may_not_overlap_is_skipped_and_the_next_one_planned(firing: Firing) -> None:
    firing.deploy(is_flow=True, no_flow_overlap=True)
    for _ in range(2):
        firing.clock.now += STEP
        firing.begin_due()
    first, second, third = firing.runs()
    assert (first.state, second.state, third.state) == ("running", "done", "queued")
    told = f'"not allowed to overlap with {first.id}, scheduling next iteration"'
    assert (second.result, second.success, second.skipped) == (told, 1, 1)
    firing.end_running()
    firing.clock.now += STEP
    firing.begin_due()
    assert [job.id for job in firing.runs("running")] == [third.id]


def edit(firing: Firing, **fields: Any) -> None:
    item = firing.schedules.get(WORKSPACE, SCHEDULE)
    assert item
    firing.schedules.save(WORKSPACE, SCHEDULE, item.doc | fields)


@BOTH
def test_an_edit_moves_the_next_run(firing: Firing, is_flow: bool) -> None:
    firing.deploy(is_flow)
    edit(firing, schedule="0 * * * * *", args={"n": 2})
    (job,) = firing.runs()
    assert (job.scheduled_for, job.args) == (START + 60, '{"n": 2}')


@BOTH
def test_a_disabled_schedule_has_no_next_run_and_gets_one_when_enabled(
    firing: Firing, is_flow: bool
) -> None:
    firing.deploy(is_flow)
    edit(firing, enabled=False)
    assert firing.planned() == []
    firing.clock.now += 3 * STEP
    edit(firing, enabled=True)
    assert firing.planned() == [START + 4 * STEP]


@BOTH
@pytest.mark.parametrize("how", ["disabled", "deleted", "moved to something else"])
def test_a_run_under_way_ends_but_plans_no_other(firing: Firing, is_flow: bool, how: str) -> None:
    firing.deploy(is_flow)
    firing.clock.now += STEP
    firing.begin_due()
    if how == "deleted":
        firing.schedules.delete(WORKSPACE, SCHEDULE)
    else:
        edit(firing, enabled=False)
    if how == "moved to something else":
        firing.deploy(not is_flow)
    before = firing.planned()
    firing.end_running()
    assert firing.planned() == before
    assert len(before) == (1 if how == "moved to something else" else 0)


def test_a_paused_schedule_begins_after_its_pause(firing: Firing) -> None:
    firing.deploy(is_flow=False, paused_until="2027-02-01T00:00:05.000000Z")
    (due,) = firing.planned()
    assert datetime.fromtimestamp(due, ZoneInfo("UTC")).isoformat() == "2027-02-01T00:00:10+00:00"


@BOTH
def test_a_schedule_whose_script_is_gone_is_disabled_and_says_why(
    firing: Firing, is_flow: bool
) -> None:
    firing.deploy(is_flow)
    kept = firing.engine.flows if is_flow else firing.engine.scripts
    kept.archive(WORKSPACE, "f/x/flow" if is_flow else "f/x/script")
    firing.clock.now += STEP
    firing.begin_due()
    firing.end_running()
    item = firing.schedules.get(WORKSPACE, SCHEDULE)
    assert item
    assert (item.doc["enabled"], firing.planned()) == (False, [])
    assert "Not found" in item.doc["error"]


def test_nothing_is_kept_of_a_schedule_that_cannot_be(firing: Firing) -> None:
    firing.deploy(is_flow=False)
    for wrong in ({"schedule": "never"}, {"script_path": "f/no/thing"}):
        with pytest.raises(ApiError):
            edit(firing, **wrong)
    assert firing.planned() == [START + STEP]


@BOTH
@pytest.mark.slow
@pytest.mark.parametrize("side", [-1, 1], ids=["before the commit", "after the commit"])
def test_each_run_happens_once_whenever_the_engine_is_killed(
    tmp_path: Path, is_flow: bool, side: int
) -> None:
    runs = round((LAST - START) / STEP)
    codes: list[int] = []
    # One commit as an engine opens its store, then two a run.
    for point in range(1, 2 + 2 * runs + 1):
        folder = tmp_path / str(point)
        killed(folder, is_flow, point * side, codes)
        again = Firing(folder)
        again.go_on()
        told = [(job.scheduled_for, job.state) for job in again.runs()]
        again.engine.db.close()
        ended = [(START + STEP * n, "done") for n in range(1, runs + 1)]
        assert told == [*ended, (LAST + STEP, "queued")], point
    assert codes == [-signal.SIGKILL] * (1 + 2 * runs) + [0]


def killed(folder: Path, is_flow: bool, fault: int, codes: list[int]) -> None:
    first = Firing(folder)
    first.deploy(is_flow)
    first.engine.db.close()
    command = [sys.executable, "-m", "tests.engine.firing", str(folder)]
    env = os.environ | {"ENGINE_FAULT_AT": str(fault)}
    codes.append(subprocess.run(command, cwd=ROOT, env=env, check=False).returncode)
