import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, answer, doc_body, found, paged, text
from engine.api.paths import path, workspace
from engine.core import Engine
from engine.errors import BadRequest, PathConflict


class Folders:
    def __init__(self, engine: Engine) -> None:
        self._folders = engine.folders

    def routes(self) -> list[Route]:
        return [
            Route("/folders/create", self.create, methods=["POST"]),
            Route("/folders/update/{path}", self.update, methods=["POST"]),
            Route("/folders/delete/{path}", self.delete, methods=["DELETE"]),
            Route("/folders/get/{path}", self.get),
            Route("/folders/exists/{path}", self.exists),
            Route("/folders/list", self.list),
            Route("/folders/listnames", self.names),
        ]

    async def create(self, request: Request) -> Response:
        body = await doc_body(request, {"name": str})
        name, owner = body["name"], workspace(request)
        if not re.fullmatch(r"[\w-]+", name):
            raise BadRequest(why=f"folder name {name!r} may hold letters, digits, _ and - only")
        if self._folders.get(owner, name):
            raise PathConflict(path=name, why="the folder exists already")
        self._folders.put(owner, name, _folder(body))
        return text(f"Created folder {name}")

    async def update(self, request: Request) -> Response:
        old = found(self._folders.get(workspace(request), path(request)), f"folder {path(request)}")
        body = await doc_body(request)
        self._folders.put(
            workspace(request), old.path, _folder(old.doc | body | {"name": old.path})
        )
        return text(f"Updated folder {old.path}")

    async def delete(self, request: Request) -> Response:
        found(
            self._folders.delete(workspace(request), path(request)) or None,
            f"folder {path(request)}",
        )
        return text(f"Deleted folder {path(request)}")

    async def get(self, request: Request) -> Response:
        folder = found(
            self._folders.get(workspace(request), path(request)), f"folder {path(request)}"
        )
        return answer({"workspace_id": workspace(request), **folder.doc})

    async def exists(self, request: Request) -> Response:
        return answer(self._folders.get(workspace(request), path(request)) is not None)

    async def list(self, request: Request) -> Response:
        folders = paged(request, self._folders.list(workspace(request)))
        return answer([{"workspace_id": workspace(request), **folder.doc} for folder in folders])

    async def names(self, request: Request) -> Response:
        return answer([folder.path for folder in self._folders.list(workspace(request))])


def _folder(body: Doc) -> Doc:
    owners, perms = body.get("owners"), body.get("extra_perms")
    owners = ["u/admin"] if owners is None else owners
    return {
        "name": body["name"],
        "display_name": body.get("display_name") or body["name"],
        "owners": owners,
        "extra_perms": dict.fromkeys(owners, True) if perms is None else perms,
        "summary": body.get("summary"),
    }
