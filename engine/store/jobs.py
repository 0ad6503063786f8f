"""Jobs, their logs and the answers people give them. Every public method is one transaction."""

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from engine.errors import JobExists
from engine.store.db import Database

FLOW_KINDS = ("flow", "flowpreview", "flownode")
_FLOWS = ", ".join(f"'{kind}'" for kind in FLOW_KINDS)


@dataclass(slots=True)
class Job:
    """A row of `job`; JSON columns stay text until somebody needs them."""

    workspace: str
    kind: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    path: str | None = None
    runnable: str | None = None
    language: str | None = None
    tag: str | None = None
    args: str = "{}"
    preprocesses: int = 0  # a script whose own function makes its arguments of an event
    code: str | None = None
    lock: str | None = None
    modules: str | None = None
    flow: str | None = None
    timeout: float | None = None
    parent: str | None = None
    root: str | None = None
    innermost: str | None = None
    step_id: str | None = None
    created_at: float = field(default_factory=time.time)
    scheduled_for: float = 0.0
    started_at: float | None = None
    completed_at: float | None = None
    state: str = "queued"
    success: int | None = None
    skipped: int = 0
    result: str | None = None
    canceled_by: str | None = None
    canceled_reason: str | None = None
    flow_status: str | None = None
    wake_at: float | None = None
    suspend: int = 0
    pid: int | None = None
    token: str | None = None
    progress: int | None = None
    user_state: str = "{}"
    schedule_path: str | None = None
    created_by: str = "admin"

    @property
    def is_flow(self) -> bool:
        return self.kind in FLOW_KINDS

    @property
    def worker_tag(self) -> str:
        """Which workers take it."""
        return self.tag or self.language or "flow"

    @property
    def done(self) -> bool:
        return self.state == "done"

    @property
    def canceled(self) -> bool:
        return self.canceled_by is not None

    def canceled_result(self) -> str:
        reason = self.canceled_reason or "no reason given"
        message = f"Job canceled: {reason} by {self.canceled_by}"
        told = {"name": "Canceled", "message": message}
        return json.dumps({"error": told | {"reason": reason, "canceler": self.canceled_by}})

    def end_now(self, result: Any, success: bool = True) -> "Job":
        """For steps that run nothing: the job enters the store already completed."""
        self.state, self.success, self.result = "done", int(success), json.dumps(result)
        self.started_at = self.completed_at = self.created_at
        return self


def token_digest(token: str) -> str:
    """What is kept of it. It is random: nobody guesses it, however fast a guess is."""
    return hashlib.sha256(token.encode()).hexdigest()


COLUMNS = tuple(column.name for column in fields(Job))
_DUE, _ORDER = "state = 'queued' and scheduled_for <= ?", "order by scheduled_for, seq"
_TAGGED = "coalesce(tag, language, 'flow') in (select value from json_each(?))"
_NEXT_DUE = """select min(at) from (
  select min(scheduled_for) as at from job where state = 'queued' and scheduled_for > ?
  union all select min(wake_at) from job where state = 'running' and wake_at > ?)"""
_TREE = """with recursive tree(id) as (
  select ? union select job.id from job join tree on job.parent = tree.id) select id from tree"""
_SELECT = f"select {', '.join(COLUMNS)} from job"  # noqa: S608


# A job that ended as it was made has reused a result itself.
_REUSED = """select result from job where workspace = ? and created_at > ? and success = 1
  and completed_at > started_at and kind is ? and runnable is ? and code is ? and modules is ?
  and args is ?
  order by created_at desc limit 1"""


@dataclass(frozen=True)
class Answer:
    resume_id: int
    value: Any
    approver: str
    approved: bool


@dataclass(frozen=True)
class JobCounts:
    queued: int
    running: int
    succeeded: int
    failed: int


# The runs of a schedule, without the steps below them.
_SCHEDULED = "workspace = ? and schedule_path = ? and parent is null"


class Jobs:
    def __init__(self, db: Database) -> None:
        self.db = db
        # Called in the transaction that ends a job.
        self.at_end: Callable[[str], None] = lambda _: None

    def select(self, where: str, *values: Any) -> list[Job]:
        return [Job(*row) for row in self.db.rows(f"{_SELECT} where {where}", *values)]

    def get(self, job_id: str) -> Job | None:
        found = self.select("id = ?", job_id)
        return found[0] if found else None

    def update(self, job_id: str, **values: Any) -> None:
        self.db.update("job", values, "id = ?", job_id)

    def add(self, job: Job) -> Job:
        with self.db.tx():
            if self.db.row("select 1 from job where id = ?", job.id):
                raise JobExists(id=job.id)
            job.scheduled_for = job.scheduled_for or job.created_at
            self.db.insert("job", {column: getattr(job, column) for column in COLUMNS})
        return job

    def finish(self, job_id: str, result: str, success: bool, skipped: bool = False) -> bool:
        """False when the job had already ended: the first end is the one that counts."""
        ended = {
            "state": "done",
            "success": int(success),
            "skipped": int(skipped),
            "result": result,
            "completed_at": time.time(),
            "token": None,
            "pid": None,
            "wake_at": None,
            "suspend": 0,
        }
        with self.db.tx():
            first = self.db.update("job", ended, "id = ? and state != 'done'", job_id) > 0
            if first:
                self.at_end(job_id)
        return first

    def scheduled_root(self, job_id: str) -> Job | None:
        """The job if it is a run of a schedule."""
        found = self.select("id = ? and parent is null and schedule_path is not null", job_id)
        return found[0] if found else None

    def is_planned(self, workspace: str, schedule: str) -> bool:
        sql = f"select 1 from job where {_SCHEDULED} and state = 'queued'"  # noqa: S608
        return self.db.row(sql, workspace, schedule) is not None

    def unplan(self, workspace: str, schedule: str) -> None:
        sql = f"delete from job where {_SCHEDULED} and state = 'queued'"  # noqa: S608
        self.db.run(sql, workspace, schedule)

    def running_beside(self, job: Job) -> list[str]:
        """Other runs of its schedule."""
        sql = (
            f"select id from job where {_SCHEDULED} and state = 'running' and path is ? and id != ?"  # noqa: S608
        )
        rows = self.db.rows(sql, job.workspace, job.schedule_path, job.path, job.id)
        return [row["id"] for row in rows]

    def due(self, now: float, tags: Sequence[str], limit: int) -> list[Job]:
        where = f"{_DUE} and kind not in ({_FLOWS}) and {_TAGGED} {_ORDER} limit ?"
        return self.select(where, now, json.dumps(tags), limit)

    def due_flows(self, now: float, tags: Sequence[str]) -> list[Job]:
        where = f"{_DUE} and kind in ({_FLOWS}) and {_TAGGED} {_ORDER}"
        return self.select(where, now, json.dumps(tags))

    def sleepers(self, now: float) -> list[str]:
        sql = "select id from job where state = 'running' and wake_at <= ?"
        return [row["id"] for row in self.db.rows(sql, now)]

    def next_due(self, now: float) -> float | None:
        """The first moment after `now` at which one of the three above will find more."""
        due: float | None = self.db.value(_NEXT_DUE, now, now)
        return due

    def running_flows(self) -> list[str]:
        sql = f"select id from job where state = 'running' and kind in ({_FLOWS}) order by seq"  # noqa: S608
        return [row["id"] for row in self.db.rows(sql)]

    def running_leaves(self) -> list[Job]:
        return self.select(f"state = 'running' and kind not in ({_FLOWS})")

    def requeue(self, job_id: str) -> None:
        back = {"state": "queued", "started_at": None, "pid": None, "token": None}
        self.db.update("job", back, "id = ? and state = 'running'", job_id)

    def numbers(self) -> JobCounts:
        """Each condition is that of a partial index: no job is read for it.
        What is planned for later does not wait yet."""
        return JobCounts(
            queued=self._count("state = 'queued' and scheduled_for <= ?", time.time()),
            running=self._count("state = 'running'"),
            succeeded=self._count("state = 'done' and success = 1"),
            failed=self._count("state = 'done' and success = 0"),
        )

    def _count(self, condition: str, *values: float) -> int:
        sql = f"select count(*) from job where {condition}"  # noqa: S608
        return int(self.db.value(sql, *values))

    def children(self, parent: str) -> list[Job]:
        return self.select("parent = ? order by seq", parent)

    def has_open_children(self, parent: str) -> bool:
        sql = "select 1 from job where parent = ? and state != 'done' limit 1"
        return self.db.row(sql, parent) is not None

    def open_descendants(self, job_id: str) -> list[Job]:
        return self.select(f"state != 'done' and id in ({_TREE}) order by seq", job_id)

    def results(self, ids: Iterable[str]) -> list[Any]:
        wanted = list(ids)
        sql = "select id, result from job where id in (select value from json_each(?))"
        by_id = {
            row["id"]: json.loads(row["result"] or "null")
            for row in self.db.rows(sql, json.dumps(wanted))
        }
        return [by_id.get(job_id) for job_id in wanted]

    def reused(self, job: Job, seconds: float) -> Job:
        """The job, ended with the result of one that did the same within so many seconds."""
        since = time.time() - seconds
        same = (job.kind, job.runnable, job.code, job.modules, job.args)
        found = self.db.row(_REUSED, job.workspace, since, *same)
        return job.end_now(json.loads(found["result"])) if found else job

    def successes(self, ids: list[str]) -> list[bool | None]:
        """In order; None for a job that has not ended."""
        ended = "select id, success from job where state = 'done'"
        sql = f"{ended} and id in (select value from json_each(?))"  # noqa: S608
        by_id = {row["id"]: bool(row["success"]) for row in self.db.rows(sql, json.dumps(ids))}
        return [by_id.get(job_id) for job_id in ids]

    def by_token(self, token: str) -> str | None:
        job_id: str | None = self.db.value(
            "select id from job where token = ? and state = 'running'", token_digest(token)
        )
        return job_id

    def append_log(self, job_id: str, text: str) -> None:
        self.db.insert("log", {"job": job_id, "text": text})

    def logs(self, job_id: str) -> str:
        return "".join(
            row["text"]
            for row in self.db.rows("select text from log where job = ? order by seq", job_id)
        )

    def answer(self, job_id: str, answer: Answer) -> None:
        columns = "job, resume_id, value, approver, approved, created_at"
        self.db.run(
            f"insert or ignore into resume ({columns}) values (?, ?, ?, ?, ?, ?)",  # noqa: S608
            job_id,
            answer.resume_id,
            json.dumps(answer.value),
            answer.approver,
            answer.approved,
            time.time(),
        )

    def answers(self, job_id: str) -> list[Answer]:
        rows = self.db.rows("select * from resume where job = ? order by seq", job_id)
        return [
            Answer(r["resume_id"], json.loads(r["value"]), r["approver"], bool(r["approved"]))
            for r in rows
        ]
