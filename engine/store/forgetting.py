"""What is deleted of jobs: one's content on demand, and whole runs once they are old."""

from engine.store.db import Database

ROOTS_AT_ONCE = 200
# Each half of what has not ended is read from a partial index.
_OPEN = " union ".join(
    f"select root from job where state = '{state}' and root is not null"  # noqa: S608
    for state in ("queued", "running")
)
_OLD = f"""select id from job where parent is null and state = 'done' and completed_at < ?
  and id not in ({_OPEN}) limit ?"""  # noqa: S608
_TREES = f"""with recursive tree(id) as (
  select id from ({_OLD})
  union select job.id from job join tree on job.parent = tree.id) select id from tree"""  # noqa: S608


def erase(db: Database, job_id: str) -> None:
    """What it was given, gave and wrote; that it was stays known, as in Windmill."""
    empty = {"args": "{}", "result": "null", "user_state": "{}", "canceled_reason": None}
    unread = dict.fromkeys(("code", "lock", "modules", "flow", "flow_status"))
    with db.tx():
        db.update("job", {**empty, **unread}, "id = ? and state = 'done'", job_id)
        for table in ("log", "resume"):
            db.run(f"delete from {table} where job = ?", job_id)  # noqa: S608
    db.wipe_log()


def forget_before(db: Database, moment: float) -> int:
    """Some runs that ended before then, with every step; 0 once there is none left.

    How many jobs are gone.
    """
    ids = [row["id"] for row in db.rows(_TREES, moment, ROOTS_AT_ONCE)]
    with db.tx():
        for job_id in ids:
            for table, column in (("log", "job"), ("resume", "job"), ("job", "id")):
                db.run(f"delete from {table} where {column} = ?", job_id)  # noqa: S608
    if ids:
        db.wipe_log()
    return len(ids)
