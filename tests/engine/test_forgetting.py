"""Runs that ended long ago are deleted with every job of theirs, and nothing else is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.__main__ import parse
from engine.store.db import Database
from engine.store.forgetting import ROOTS_AT_ONCE, erase, forget_before
from engine.store.jobs import Answer, Job, Jobs

CANARY = "a-canary-nobody-may-find"
LONG_AGO, LATELY = 1_000.0, 9_000.0


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    db = Database(tmp_path / "engine.db")
    yield Jobs(db)
    db.close()


def add(jobs: Jobs, ended: float | None, parent: Job | None = None) -> Job:
    job = Job("w", "script", args=f'{{"a": "{CANARY}"}}')
    if parent:
        job.parent, job.root = parent.id, parent.root or parent.id
    jobs.add(job)
    jobs.append_log(job.id, CANARY)
    jobs.answer(job.id, Answer(1, CANARY, "ann", True))
    if ended is not None:
        jobs.finish(job.id, f'"{CANARY}"', True)
        jobs.update(job.id, completed_at=ended)
    return job


def written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_an_old_run_goes_with_all_below_it_and_leaves_no_trace(jobs: Jobs, tmp_path: Path) -> None:
    top = add(jobs, LONG_AGO)
    below = add(jobs, LONG_AGO, parent=top)
    add(jobs, LONG_AGO, parent=below)
    assert CANARY.encode() in written(tmp_path)
    assert forget_before(jobs.db, LATELY) == 3
    assert CANARY.encode() not in written(tmp_path)
    assert [jobs.db.value(f"select count(*) from {t}") for t in ("job", "log", "resume")] == [0] * 3


def test_what_is_young_waits_or_still_has_a_step_that_runs_stays(jobs: Jobs) -> None:
    kept = [add(jobs, LATELY), add(jobs, None)]
    top = add(jobs, LONG_AGO)
    kept += [top, add(jobs, None, parent=top)]
    assert forget_before(jobs.db, LATELY) == 0
    assert all(jobs.get(each.id) for each in kept)


def test_more_than_one_transaction_holds_are_forgotten(jobs: Jobs) -> None:
    for _ in range(ROOTS_AT_ONCE + 1):
        add(jobs, LONG_AGO)
    gone = [forget_before(jobs.db, LATELY) for _ in range(3)]
    assert gone == [ROOTS_AT_ONCE, 1, 0]


def test_an_erased_job_is_still_known_and_tells_nothing(jobs: Jobs, tmp_path: Path) -> None:
    job = add(jobs, LONG_AGO)
    erase(jobs.db, job.id)
    assert CANARY.encode() not in written(tmp_path)
    kept = jobs.get(job.id)
    assert kept
    assert (kept.args, kept.result, kept.success, jobs.logs(job.id)) == ("{}", "null", 1, "")
    assert jobs.answers(job.id) == []


@pytest.mark.parametrize("days", ["0", "-1", "soon"])
def test_what_is_no_number_of_days_is_refused(
    days: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "token").write_text("t")
    options = {"db": tmp_path / "e.db", "token-file": tmp_path / "token", "cache": tmp_path}
    with pytest.raises(SystemExit):
        parse([*(f"--{k}={v}" for k, v in options.items()), f"--retention-days={days}"])
    assert "--retention-days" in capsys.readouterr().err
