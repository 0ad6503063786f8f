"""Full-code apps: sources, runnables and a bundle; their policy says what they may run."""

import hashlib
import hmac
import json
from email import message_from_bytes
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, answer, doc_body, found, iso, paged, text
from engine.api.paths import item_path, path, workspace
from engine.core import Engine
from engine.errors import BadRequest, NotAllowed, PathConflict
from engine.store.items import Version
from engine.store.jobs import Job

_PARTS = {"js": "text/javascript", "css": "text/css"}
_LISTED = ("path", "summary", "policy")


class Apps:
    def __init__(self, engine: Engine) -> None:
        self._engine, self._apps = engine, engine.apps

    def routes(self) -> list[Route]:
        return [
            Route("/apps/create_raw", self.create, methods=["POST"]),
            Route("/apps/update_raw/{path:path}", self.update, methods=["POST"]),
            Route("/apps/delete/{path:path}", self.delete, methods=["DELETE"]),
            Route("/apps/get/p/{path:path}", self.get),
            Route("/apps/exists/{path:path}", self.exists),
            Route("/apps/list", self.list),
            Route("/apps/secret_of_latest_version/{path:path}", self.secret),
            Route("/apps/get_data/v/{file}", self.data),
            Route("/apps_u/execute_component/{path:path}", self.execute, methods=["POST"]),
        ]

    async def create(self, request: Request) -> Response:
        doc = await _sent_app(request)
        name = item_path(str(doc.get("path", "")))
        if self._apps.live(workspace(request), name):
            raise PathConflict(path=name, why="the app exists already; use apps/update_raw")
        self._apps.add(workspace(request), name, "", {"summary": "", "policy": {}, **doc})
        return text(name, 201)

    async def update(self, request: Request) -> Response:
        old, doc = self._live(request), await _sent_app(request)
        if doc.get("path", old.path) != old.path:
            raise BadRequest(why="the embedded engine does not move apps")
        self._apps.add(workspace(request), old.path, "", old.doc | doc)
        return text(old.path)

    async def delete(self, request: Request) -> Response:
        gone = self._apps.delete(workspace(request), path(request))
        found(gone or None, f"app {path(request)}")
        return text(f"app {path(request)} deleted")

    def _live(self, request: Request) -> Version:
        return found(self._apps.live(workspace(request), path(request)), f"app {path(request)}")

    async def get(self, request: Request) -> Response:
        app = self._live(request)
        return answer(_listed(request, app) | {"value": app.doc["value"]})

    async def exists(self, request: Request) -> Response:
        return answer(self._apps.live(workspace(request), path(request)) is not None)

    async def list(self, request: Request) -> Response:
        start = request.query_params.get("path_start", "")
        heads = [app for app in self._apps.heads(workspace(request)) if app.path.startswith(start)]
        return answer([_listed(request, app) for app in paged(request, heads)])

    async def secret(self, request: Request) -> Response:
        return text(self._sealed(self._live(request).seq))

    def _sealed(self, seq: int) -> str:
        key, version = self._engine.secret, str(seq)
        return f"{version}-{hmac.new(key, version.encode(), hashlib.sha256).hexdigest()}"

    async def data(self, request: Request) -> Response:
        secret, _, kind = request.path_params["file"].rpartition(".")
        seq = secret.partition("-")[0]
        known = seq.isdecimal() and hmac.compare_digest(secret, self._sealed(int(seq)))
        app = self._apps.by_seq(workspace(request), seq) if known and kind in _PARTS else None
        bundle = found(app, f"bundle {request.path_params['file']}").doc.get(kind, "")
        return Response(bundle, media_type=_PARTS[kind])

    async def execute(self, request: Request) -> Response:
        app = self._live(request)
        body = await doc_body(request, {"component": str, "args": dict, "path": str})
        allowed = _allowed(app, f"{body['component']}:{body['path']}")
        job = self._job(request, body["path"], {**body["args"], **allowed["static_inputs"]})
        self._engine.jobs.add(job)
        self._engine.scheduler.notify()
        return text(job.id)

    def _job(self, request: Request, runnable: str, args: Doc) -> Job:
        kind, _, name = runnable.partition("/")
        runnables, sent = self._engine.runnables, json.dumps(args)
        return runnables.job(workspace(request), name, kind == "flow", sent)


def _allowed(app: Version, call: str) -> dict[Literal["static_inputs"], Doc]:
    policy = (app.doc["policy"].get("triggerables_v2") or {}).get(call)
    if policy is None and app.doc["policy"].get("execution_mode") != "viewer":
        raise NotAllowed(app=app.path, call=call)
    return {"static_inputs": (policy or {}).get("static_inputs") or {}}


def _listed(request: Request, app: Version) -> Doc:
    return {key: app.doc.get(key) for key in _LISTED} | {
        "id": app.seq,
        "versions": [app.seq],
        "workspace_id": workspace(request),
        "path": app.path,
        "execution_mode": app.doc["policy"].get("execution_mode", "publisher"),
        "extra_perms": {},
        "edited_at": iso(app.created_at),
        "created_at": iso(app.created_at),
        "raw_app": True,
        "starred": False,
    }


async def _sent_app(request: Request) -> Doc:
    parts = _multipart(request.headers.get("content-type", ""), await request.body())
    if not {"app", "js"} <= parts.keys():
        raise BadRequest(why="the parts `app` and `js` are needed")
    try:
        doc: Any = json.loads(parts["app"])
    except ValueError as error:
        raise BadRequest(why=f"part `app` is not JSON: {error}") from error
    if not isinstance(doc, dict) or not isinstance(doc.get("value"), dict):
        raise BadRequest(why="part `app` must be an object with a `value`")
    return {**doc, "js": parts["js"].decode(), "css": parts.get("css", b"").decode()}


def _multipart(content_type: str, body: bytes) -> dict[str, bytes]:
    """The parts by name; the standard library reads a form as it reads a mail."""
    if not content_type.startswith("multipart/form-data"):
        raise BadRequest(why="a multipart form is needed")
    mail = message_from_bytes(b"content-type: %b\r\n\r\n%b" % (content_type.encode(), body))
    parts: dict[str, bytes] = {}
    for part in mail.walk():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            parts[name] = payload
    return parts
