"""Lists of jobs, filtered in SQL."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import answer, flag, moment, paging
from engine.api.jobs.job_view import job_row
from engine.api.paths import workspace
from engine.core import Engine
from engine.errors import BadRequest
from engine.store.db import marks

_EXACT = {
    "script_path_exact": "path",
    "parent_job": "parent",
    "tag": "tag",
    "script_hash": "runnable",
    "created_by": "created_by",
    "schedule_path": "schedule_path",
}
_TIMES = {
    "created_after": "created_at >",
    "created_before": "created_at <",
    "started_after": "started_at >",
    "started_before": "started_at <",
    "created_or_started_after": "coalesce(started_at, created_at) >",
    "created_or_started_before": "coalesce(started_at, created_at) <",
}


class Lists:
    def __init__(self, engine: Engine) -> None:
        self._jobs = engine.jobs

    def routes(self) -> list[Route]:
        return [
            Route("/jobs/list", self.everything),
            Route("/jobs/queue/list", self.queue),
            Route("/jobs/completed/list", self.completed),
            Route("/jobs/queue/count", self.count),
        ]

    async def everything(self, request: Request) -> Response:
        return self._list(request, "1 = 1")

    async def queue(self, request: Request) -> Response:
        return self._list(request, "state != 'done'")

    async def completed(self, request: Request) -> Response:
        return self._list(request, "state = 'done'")

    async def count(self, request: Request) -> Response:
        counts = "select count(*) as n, coalesce(sum(suspend > 0), 0) as s from job"
        sql = f"{counts} where workspace = ? and state != 'done'"
        row = self._jobs.db.row(sql, workspace(request))
        return answer(
            {"database_length": row["n"] if row else 0, "suspended": row["s"] if row else 0}
        )

    def _list(self, request: Request, state: str) -> Response:
        where, values = _filters(request)
        limit, offset = paging(request)
        order = "asc" if request.query_params.get("order_desc") == "false" else "desc"
        condition = " and ".join([state, *where])
        jobs = self._jobs.select(
            f"{condition} order by created_at {order}, seq {order} limit ? offset ?",
            *values,
            limit,
            offset,
        )
        return answer([job_row(job) for job in jobs])


def _filters(request: Request) -> tuple[list[str], list[Any]]:
    query = request.query_params
    where, values = ["workspace = ?"], [workspace(request)]
    for name, column in _EXACT.items():
        if name in query:
            where.append(f"{column} = ?")
            values.append(query[name])
    for name, comparison in _TIMES.items():
        if name in query:
            where.append(f"{comparison} ?")
            values.append(str(moment(request, name)))
    for condition, value in (*_states(request), *_shapes(request)):
        where.append(condition)
        values.extend(value)
    return where, values


def _states(request: Request) -> list[tuple[str, list[Any]]]:
    query = request.query_params
    found: list[tuple[str, list[Any]]] = []
    if "running" in query:
        found.append(("state = ?", ["running" if flag(request, "running") else "queued"]))
    if "success" in query:
        found.append(("success = ?", [int(flag(request, "success"))]))
    if "suspended" in query:
        found.append(("(suspend > 0) = ?", [int(flag(request, "suspended"))]))
    if flag(request, "has_null_parent") or query.get("is_flow_step") == "false":
        found.append(("parent is null", []))
    if query.get("is_skipped") is not None:
        found.append(("skipped = ?", [int(flag(request, "is_skipped"))]))
    return found


def _shapes(request: Request) -> list[tuple[str, list[Any]]]:
    query = request.query_params
    found: list[tuple[str, list[Any]]] = []
    if start := query.get("script_path_start"):
        found.append(("substr(path, 1, ?) = ?", [len(start), start]))
    if kinds := query.get("job_kinds"):
        names = kinds.split(",")
        found.append((f"kind in ({marks(names)})", names))
    for name, column in (("args", "args"), ("result", "result")):
        if name in query:
            found.append((f"contains({column}, ?)", [_json(name, query[name])]))
    return found


def _json(name: str, value: str) -> str:
    try:
        return json.dumps(json.loads(value))
    except ValueError as error:
        raise BadRequest(why=f"query parameter `{name}` is not JSON") from error
