from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, answer, doc_body, flag, found, iso, paged, text
from engine.api.paths import item_path, path, workspace
from engine.core import Engine
from engine.errors import PathConflict
from engine.flow.normal import normal
from engine.flow.validate import check_flow
from engine.store.items import Version

_DEFAULTS: Doc = {"summary": "", "description": "", "schema": None, "tag": None, "timeout": None}


class Flows:
    def __init__(self, engine: Engine) -> None:
        self._flows = engine.flows

    def routes(self) -> list[Route]:
        return [
            Route("/flows/create", self.create, methods=["POST"]),
            Route("/flows/update/{path:path}", self.update, methods=["POST"]),
            Route("/flows/get/{path:path}", self.get),
            Route("/flows/exists/{path:path}", self.exists),
            Route("/flows/list", self.list),
            Route("/flows/list_paths", self.list_paths),
            Route("/flows/archive/{path:path}", self.archive, methods=["POST"]),
            Route("/flows/delete/{path:path}", self.delete, methods=["DELETE"]),
            Route("/flows/history/p/{path:path}", self.history),
            Route("/flows/deployment_status/p/{path:path}", self.deployment_status),
        ]

    async def create(self, request: Request) -> Response:
        body = await self._body(request)
        if self._flows.live(workspace(request), body["path"]):
            raise PathConflict(path=body["path"], why="the flow exists already; use flows/update")
        self._add(request, body)
        return text(body["path"], 201)

    async def update(self, request: Request) -> Response:
        old, body = self._live(request), await self._body(request)
        if body["path"] != old.path and self._flows.live(workspace(request), body["path"]):
            raise PathConflict(path=body["path"], why="a flow of that name exists already")
        self._add(request, body)
        if body["path"] != old.path:
            self._flows.archive(workspace(request), old.path)
        return text(body["path"])

    async def _body(self, request: Request) -> Doc:
        body = await doc_body(request, {"path": str, "value": object})
        item_path(body["path"])
        check_flow(body["value"])
        return body | {"value": normal(body["value"])}

    def _add(self, request: Request, body: Doc) -> None:
        self._flows.add(workspace(request), body["path"], "", _DEFAULTS | body)

    def _live(self, request: Request) -> Version:
        return found(self._flows.live(workspace(request), path(request)), f"flow {path(request)}")

    async def get(self, request: Request) -> Response:
        flow = self._live(request)
        return answer(
            _listed(request, flow) | {"value": flow.doc["value"], "schema": flow.doc["schema"]}
        )

    async def exists(self, request: Request) -> Response:
        return answer(self._flows.live(workspace(request), path(request)) is not None)

    def _heads(self, request: Request) -> list[Version]:
        start, exact = (
            request.query_params.get("path_start", ""),
            request.query_params.get("path_exact"),
        )
        archived = flag(request, "show_archived")
        heads = (v for v in self._flows.heads(workspace(request)) if v.archived == archived)
        return [v for v in heads if v.path.startswith(start) and exact in (None, v.path)]

    async def list(self, request: Request) -> Response:
        return answer([_listed(request, flow) for flow in paged(request, self._heads(request))])

    async def list_paths(self, request: Request) -> Response:
        return answer([flow.path for flow in self._heads(request)])

    async def archive(self, request: Request) -> Response:
        body = await doc_body(request, {"archived": bool})
        done = self._flows.archive(workspace(request), path(request), body["archived"])
        found(done or None, f"flow {path(request)}")
        return text(f"Flow {path(request)} {'archived' if body['archived'] else 'unarchived'}")

    async def delete(self, request: Request) -> Response:
        found(
            self._flows.delete(workspace(request), path(request)) or None, f"flow {path(request)}"
        )
        return text(f"Flow {path(request)} deleted")

    async def history(self, request: Request) -> Response:
        versions = self._flows.history(workspace(request), path(request))
        found(versions or None, f"flow {path(request)}")
        notes = [
            {
                "id": v.seq,
                "created_at": iso(v.created_at),
                "deployment_msg": v.doc.get("deployment_message"),
            }
            for v in versions
        ]
        return answer(notes)

    async def deployment_status(self, request: Request) -> Response:
        self._live(request)
        return answer({"lock_error_logs": None, "job_id": None})


def _listed(request: Request, flow: Version) -> Doc:
    light = {
        k: v for k, v in flow.doc.items() if k not in ("value", "schema", "deployment_message")
    }
    return light | {
        "workspace_id": workspace(request),
        "edited_by": "admin",
        "edited_at": iso(flow.created_at),
        "archived": flow.archived,
        "extra_perms": flow.doc.get("extra_perms") or {},
        "version_id": flow.seq,
        "starred": False,
        "has_draft": False,
        "draft_only": False,
        "lock_error_logs": None,
    }
