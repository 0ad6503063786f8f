"""Schedules as Windmill's API keeps and shows them; what has no effect here is refused by name."""

import itertools
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, answer, doc_body, found, iso, paged, seconds_of, text
from engine.api.paths import item_path, path, workspace
from engine.core import Engine
from engine.errors import BadRequest
from engine.runtime.environment import EMAIL, USER
from engine.store.items import Item
from engine.triggers.cron import due_times

_EDITED: dict[str, type] = {"schedule": str, "timezone": str}
_NEW = _EDITED | {"path": str, "script_path": str, "is_flow": bool}
_LIGHT = ("schedule", "timezone", "enabled", "script_path", "is_flow", "summary")
ALWAYS = (
    *("schedule", "timezone", "enabled", "script_path", "is_flow", "args"),
    *("ws_error_handler_muted", "no_flow_overlap"),
)
WHERE_GIVEN = ("summary", "description", "tag", "paused_until", "cron_version")
_NOT_HERE = ("on_failure", "on_recovery", "on_success", "retry", "dynamic_skip")
_PREVIEWED = 5


class Schedules:
    def __init__(self, engine: Engine) -> None:
        self._schedules, self._flows = engine.schedules, engine.flows
        self._scheduler = engine.scheduler

    def routes(self) -> list[Route]:
        return [
            Route("/schedules/create", self.create, methods=["POST"]),
            Route("/schedules/update/{path:path}", self.update, methods=["POST"]),
            Route("/schedules/setenabled/{path:path}", self.set_enabled, methods=["POST"]),
            Route("/schedules/delete/{path:path}", self.delete, methods=["DELETE"]),
            Route("/schedules/get/{path:path}", self.get),
            Route("/schedules/exists/{path:path}", self.exists),
            Route("/schedules/list", self.list),
        ]

    async def create(self, request: Request) -> Response:
        body = await doc_body(request, _NEW)
        where = item_path(body["path"])
        if self._schedules.get(workspace(request), where):
            raise BadRequest(why=f"Schedule {where} already exists")
        self._check_namesake(request, body)
        fixed = {
            "script_path": body["script_path"],
            "is_flow": body["is_flow"],
            "enabled": body.get("enabled") is True,
        }
        self._save(request, where, _schedule(body, fixed))
        return text(where)

    def _save(self, request: Request, where: str, doc: Doc) -> None:
        self._schedules.save(workspace(request), where, doc)
        self._scheduler.notify()

    def _check_namesake(self, request: Request, body: Doc) -> None:
        own = body["is_flow"] and body["script_path"] == body["path"]
        if not own and self._flows.live(workspace(request), body["path"]):
            raise BadRequest(why="The path is the same as a flow, it can only trigger that flow")

    async def update(self, request: Request) -> Response:
        """What it starts and whether it is enabled stay, as on Windmill."""
        old, body = self._found(request), await doc_body(request, _EDITED)
        kept = {key: old.doc[key] for key in ("script_path", "is_flow", "enabled")}
        version = body.get("cron_version") or old.doc["cron_version"]
        doc = _schedule(body | {"cron_version": version}, kept)
        self._save(request, old.path, doc)
        return text(old.path)

    async def set_enabled(self, request: Request) -> Response:
        old, body = self._found(request), await doc_body(request, {"enabled": bool})
        enabled = {"enabled": body["enabled"]}
        self._save(request, old.path, old.doc | enabled)
        told = "true" if body["enabled"] else "false"
        return text(f"succesfully updated schedule at path {old.path} to status {told}")

    async def delete(self, request: Request) -> Response:
        old = self._found(request)
        self._schedules.delete(workspace(request), old.path)
        return text(f"schedule {old.path} deleted")

    def _found(self, request: Request) -> Item:
        schedule = self._schedules.get(workspace(request), path(request))
        return found(schedule, f"Schedule {path(request)}")

    async def get(self, request: Request) -> Response:
        return answer(_described(request, self._found(request)))

    async def exists(self, request: Request) -> Response:
        return answer(self._schedules.get(workspace(request), path(request)) is not None)

    async def list(self, request: Request) -> Response:
        query = request.query_params
        chosen = [
            item
            for item in self._schedules.list(workspace(request))
            if item.path.startswith(query.get("path_start", ""))
            and query.get("path", item.doc["script_path"]) == item.doc["script_path"]
            and query.get("schedule_path", item.path) == item.path
        ]
        chosen.sort(key=lambda item: item.edited_at, reverse=True)
        return answer([_light(request, item) for item in paged(request, chosen)])


class SchedulePreview:
    """Not in a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._clock = engine.clock

    def routes(self) -> list[Route]:
        return [Route("/api/schedules/preview", self.preview, methods=["POST"])]

    async def preview(self, request: Request) -> Response:
        body = await doc_body(request, _EDITED)
        _check_version(body)
        due = due_times(body["schedule"], body["timezone"], self._clock())
        return answer([iso(moment) for moment in itertools.islice(due, _PREVIEWED)])


def _schedule(body: Doc, fixed: Doc) -> Doc:
    for key in _NOT_HERE:
        if body.get(key):
            raise BadRequest(why=f"`{key}` of a schedule is not supported by the embedded engine")
    _check_version(body)
    if not isinstance(body.get("args") or {}, dict):
        raise BadRequest(why="args of scripts needs to be dict")
    return {
        **{key: body.get(key) for key in (*WHERE_GIVEN, "schedule", "timezone", "args")},
        "cron_version": body.get("cron_version") or "v2",
        "paused_until": _moment(body.get("paused_until")),
        "ws_error_handler_muted": bool(body.get("ws_error_handler_muted")),
        "no_flow_overlap": bool(body.get("no_flow_overlap")),
        **fixed,
    }


def _check_version(body: Doc) -> None:
    if body.get("cron_version") not in (None, "v2"):
        told = f"cron_version {body['cron_version']!r}"
        raise BadRequest(why=f"{told} is not supported by the embedded engine, v2 is")


def _moment(value: Any) -> str | None:
    try:
        return iso(seconds_of(value)) if value else None
    except (TypeError, ValueError) as error:
        raise BadRequest(why="`paused_until` must be an ISO date") from error


def _light(request: Request, item: Item) -> Doc:
    return {key: item.doc[key] for key in _LIGHT} | {
        "workspace_id": workspace(request),
        "path": item.path,
        "edited_by": USER,
        "edited_at": iso(item.edited_at),
        "extra_perms": {},
    }


def _described(request: Request, item: Item) -> Doc:
    given = {key: item.doc[key] for key in (*WHERE_GIVEN, "error") if item.doc.get(key) is not None}
    shown = {key: item.doc[key] for key in ALWAYS}
    light = {key: value for key, value in _light(request, item).items() if key != "summary"}
    return light | shown | given | {"email": EMAIL}
