from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, answer, doc_body, flag, found, paged, text
from engine.api.paths import item_path, path, workspace
from engine.api.scopes import check_written
from engine.core import Engine
from engine.errors import PathConflict
from engine.store.items import Item


class Variables:
    def __init__(self, engine: Engine) -> None:
        self._variables = engine.variables

    def routes(self) -> list[Route]:
        return [
            Route("/variables/create", self.create, methods=["POST"]),
            Route("/variables/update/{path:path}", self.update, methods=["POST"]),
            Route("/variables/delete/{path:path}", self.delete, methods=["DELETE"]),
            Route("/variables/get/{path:path}", self.get),
            Route("/variables/get_value/{path:path}", self.get_value),
            Route("/variables/exists/{path:path}", self.exists),
            Route("/variables/list", self.list),
        ]

    async def create(self, request: Request) -> Response:
        body = await doc_body(request, {"path": str, "value": str, "is_secret": bool})
        where = item_path(body["path"])
        check_written(request, "variables", where)
        if self._variables.get(workspace(request), where):
            raise PathConflict(path=where, why="the variable exists already")
        self._variables.put(workspace(request), where, _variable(body))
        return text(f"variable {where} created", 201)

    async def update(self, request: Request) -> Response:
        old = self._found(request)
        body = await doc_body(
            request, {"value": str} if "value" in await doc_body(request) else None
        )
        new_path = item_path(body.get("path") or old.path)
        check_written(request, "variables", new_path)
        if new_path != old.path and self._variables.get(workspace(request), new_path):
            raise PathConflict(path=new_path, why="a variable of that name exists already")
        self._variables.rename(workspace(request), old.path, new_path, _variable(old.doc | body))
        return text(f"variable {new_path} updated (npath: {new_path!r})")

    async def delete(self, request: Request) -> Response:
        found(
            self._variables.delete(workspace(request), path(request)) or None,
            f"variable {path(request)}",
        )
        return text(f"variable {path(request)} deleted")

    def _found(self, request: Request) -> Item:
        return found(
            self._variables.get(workspace(request), path(request)), f"variable {path(request)}"
        )

    async def get(self, request: Request) -> Response:
        return answer(_described(request, self._found(request), flag(request, "decrypt_secret")))

    async def get_value(self, request: Request) -> Response:
        return answer(self._found(request).doc["value"])

    async def exists(self, request: Request) -> Response:
        return answer(self._variables.get(workspace(request), path(request)) is not None)

    async def list(self, request: Request) -> Response:
        start = request.query_params.get("path_start", "")
        chosen = [
            item for item in self._variables.list(workspace(request)) if item.path.startswith(start)
        ]
        return answer([_described(request, item, decrypt=False) for item in paged(request, chosen)])


def _variable(body: Doc) -> Doc:
    return {
        "value": body["value"],
        "is_secret": bool(body.get("is_secret")),
        "description": body.get("description") or "",
    }


def _described(request: Request, item: Item, decrypt: bool) -> Doc:
    hidden = item.doc["is_secret"] and not decrypt
    return {
        "workspace_id": workspace(request),
        "path": item.path,
        "extra_perms": {},
        "account": None,
        "is_oauth": False,
        "is_expired": None,
        "expires_at": None,
        **item.doc,
        "value": None if hidden else item.doc["value"],
    }
