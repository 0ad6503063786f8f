"""HTTP triggers as Windmill's API keeps them; what would do nothing here is refused by name."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, answer, checked, doc_body, found, iso, json_body, paged, text
from engine.api.paths import item_path, path, workspace
from engine.core import Engine
from engine.errors import BadRequest
from engine.runtime.environment import EMAIL, USER
from engine.store.items import Item
from engine.triggers.routes import is_route, route_key
from engine.triggers.senders import METHODS

_NEEDED: dict[str, type] = {
    "path": str,
    "script_path": str,
    "is_flow": bool,
    "route_path": str,
    "authentication_method": str,
    "http_method": str,
    "is_static_website": bool,
}
# What a field may be; the first is what it is when it is left out.
_CHOICES: dict[str, tuple[str, ...]] = {
    "request_type": ("sync", "async", "sync_sse"),
    "authentication_method": METHODS,
    "http_method": ("get", "post", "put", "delete", "patch"),
    "mode": ("enabled", "disabled"),
}
_NOT_HERE = ("is_static_website", "static_asset_config", "error_handler_path", "retry")
_FLAGS = ("workspaced_route", "wrap_body", "raw_string")
EXPORTED = (
    *("script_path", "is_flow", "mode", "route_path", "request_type", "authentication_method"),
    *("http_method", "summary", "description", "static_asset_config", "is_static_website"),
    *("authentication_resource_path", *_FLAGS),
)


class HttpTriggers:
    def __init__(self, engine: Engine) -> None:
        self._triggers, self._db = engine.http_triggers, engine.db

    def routes(self) -> list[Route]:
        return [
            Route("/http_triggers/create", self.create, methods=["POST"]),
            Route("/http_triggers/create_many", self.create_many, methods=["POST"]),
            Route("/http_triggers/route_exists", self.route_exists, methods=["POST"]),
            Route("/http_triggers/update/{path:path}", self.update, methods=["POST"]),
            Route("/http_triggers/setmode/{path:path}", self.set_mode, methods=["POST"]),
            Route("/http_triggers/delete/{path:path}", self.delete, methods=["DELETE"]),
            Route("/http_triggers/get/{path:path}", self.get),
            Route("/http_triggers/exists/{path:path}", self.exists),
            Route("/http_triggers/list", self.list),
        ]

    async def create(self, request: Request) -> Response:
        body = await doc_body(request, _NEEDED)
        self._create(workspace(request), body)
        return text(body["path"], 201)

    async def create_many(self, request: Request) -> Response:
        """All or none."""
        bodies = await json_body(request)
        if not isinstance(bodies, list):
            raise BadRequest(why="the body must be a list of HTTP triggers")
        sent = [checked(body, _NEEDED) for body in bodies]
        with self._db.tx():
            for body in sent:
                self._create(workspace(request), body)
        return text("Created all HTTP routes", 201)

    def _create(self, owner: str, body: Doc) -> None:
        where, doc = item_path(body["path"]), _trigger(body)
        if self._triggers.get(owner, where):
            raise BadRequest(why=f"Trigger {where} already exists")
        self._check_route(owner, doc)
        self._triggers.put(owner, where, doc)

    def _check_route(self, owner: str, doc: Doc, but: str | None = None) -> None:
        if self._taken(owner, doc, but):
            raise BadRequest(why="A route already exists with this path")

    def _taken(self, owner: str, doc: Doc, but: str | None) -> bool:
        wanted = (doc["http_method"], route_key(doc, owner))
        return any(
            (item.doc["http_method"], route_key(item.doc, owner)) == wanted
            for item in self._triggers.list(owner)
            if item.path != but
        )

    async def route_exists(self, request: Request) -> Response:
        body = await doc_body(request, {"route_path": str, "http_method": str})
        doc = {"workspaced_route": False} | body
        return answer(self._taken(workspace(request), doc, body.get("trigger_path")))

    async def update(self, request: Request) -> Response:
        old, body = self._found(request), await doc_body(request, _NEEDED)
        where, doc, owner = item_path(body["path"]), _trigger(body), workspace(request)
        if where != old.path and self._triggers.get(owner, where):
            raise BadRequest(why=f"Trigger {where} already exists")
        self._check_route(owner, doc, old.path)
        self._triggers.rename(owner, old.path, where, doc)
        return text(f"Trigger '{old.path}' updated")

    async def set_mode(self, request: Request) -> Response:
        old, body = self._found(request), await doc_body(request, {"mode": str})
        mode = _choice("mode", body)
        self._triggers.put(workspace(request), old.path, old.doc | {"mode": mode})
        return text(f"Trigger '{old.path}' {mode}")

    async def delete(self, request: Request) -> Response:
        old = self._found(request)
        self._triggers.delete(workspace(request), old.path)
        return text(f"Trigger '{old.path}' deleted")

    def _found(self, request: Request) -> Item:
        trigger = self._triggers.get(workspace(request), path(request))
        return found(trigger, f"Trigger not found at path: {path(request)}")

    async def get(self, request: Request) -> Response:
        return answer(_described(request, self._found(request)))

    async def exists(self, request: Request) -> Response:
        return answer(self._triggers.get(workspace(request), path(request)) is not None)

    async def list(self, request: Request) -> Response:
        query = request.query_params
        chosen = [
            item
            for item in self._triggers.list(workspace(request))
            if item.path.startswith(query.get("path_start", ""))
            and query.get("path", item.doc["script_path"]) == item.doc["script_path"]
            and query.get("is_flow", json.dumps(item.doc["is_flow"]))
            == json.dumps(item.doc["is_flow"])
        ]
        chosen.sort(key=lambda item: item.edited_at, reverse=True)
        return answer([_described(request, item) for item in paged(request, chosen)])


def _trigger(body: Doc) -> Doc:
    """Raises BadRequest."""
    for key in _NOT_HERE:
        if body.get(key):
            raise BadRequest(
                why=f"`{key}` of an HTTP trigger is not supported by the embedded engine"
            )
    if not is_route(str(body["route_path"])):
        raise BadRequest(why="Invalid route path")
    doc = {key: body.get(key) for key in EXPORTED}
    doc |= {key: _choice(key, body) for key in _CHOICES} | {
        key: bool(body.get(key)) for key in _FLAGS
    }
    if doc["authentication_method"] == "custom_script" and not doc["raw_string"]:
        told = "To use custom script authentication, please enable the raw body option."
        raise BadRequest(why=told)
    return doc


def _choice(key: str, body: Doc) -> Any:
    """With the two names that older files have."""
    older = {
        "request_type": {True: "async"}.get(body.get("is_async", False)),
        "mode": {False: "disabled"}.get(body.get("enabled", True)),
    }
    known = _CHOICES[key]
    value = body.get(key) or older.get(key) or known[0]
    if value not in known:
        told = f"`{key}` {value!r} is not supported by the embedded engine"
        raise BadRequest(why=f"{told}, {', '.join(known)} are")
    return value


def _described(request: Request, item: Item) -> Doc:
    return item.doc | {
        "workspace_id": workspace(request),
        "path": item.path,
        "route_path_key": route_key(item.doc | {"workspaced_route": False}, ""),
        "edited_by": USER,
        "email": EMAIL,
        "edited_at": iso(item.edited_at),
        "extra_perms": {},
    }
