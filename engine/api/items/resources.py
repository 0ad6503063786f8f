from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, answer, doc_body, flag, found, iso, paged, text
from engine.api.paths import item_path, path, workspace
from engine.core import Engine
from engine.errors import PathConflict
from engine.store.items import Item


class Resources:
    def __init__(self, engine: Engine) -> None:
        self._resources, self._values = engine.resources, engine.values

    def routes(self) -> list[Route]:
        return [
            Route("/resources/create", self.create, methods=["POST"]),
            Route("/resources/update/{path:path}", self.update, methods=["POST"]),
            Route("/resources/update_value/{path:path}", self.update_value, methods=["POST"]),
            Route("/resources/delete/{path:path}", self.delete, methods=["DELETE"]),
            Route("/resources/get/{path:path}", self.get),
            Route("/resources/get_value/{path:path}", self.get_value),
            Route("/resources/get_value_interpolated/{path:path}", self.get_interpolated),
            Route("/resources/exists/{path:path}", self.exists),
            Route("/resources/list", self.list),
        ]

    async def create(self, request: Request) -> Response:
        body = await doc_body(request, {"path": str, "resource_type": str})
        where, owner = item_path(body["path"]), workspace(request)
        if self._resources.get(owner, where) and not flag(request, "update_if_exists"):
            raise PathConflict(path=where, why="the resource exists already")
        self._resources.put(owner, where, _resource(body))
        return text(f"resource {where} created", 201)

    async def update(self, request: Request) -> Response:
        old, body = self._found(request), await doc_body(request)
        new_path = item_path(body.get("path") or old.path)
        if new_path != old.path and self._resources.get(workspace(request), new_path):
            raise PathConflict(path=new_path, why="a resource of that name exists already")
        self._resources.rename(workspace(request), old.path, new_path, _resource(old.doc | body))
        return text(f"resource {new_path} updated (npath: {new_path!r})")

    async def update_value(self, request: Request) -> Response:
        old, body = self._found(request), await doc_body(request)
        self._resources.put(workspace(request), old.path, old.doc | {"value": body.get("value")})
        return text(f"value of resource {old.path} updated")

    async def delete(self, request: Request) -> Response:
        found(
            self._resources.delete(workspace(request), path(request)) or None,
            f"resource {path(request)}",
        )
        return text(f"resource {path(request)} deleted")

    def _found(self, request: Request) -> Item:
        return found(
            self._resources.get(workspace(request), path(request)), f"resource {path(request)}"
        )

    async def get(self, request: Request) -> Response:
        return answer(_described(request, self._found(request)))

    async def get_value(self, request: Request) -> Response:
        return answer(self._found(request).doc["value"])

    async def get_interpolated(self, request: Request) -> Response:
        return answer(self._values.resource(workspace(request), path(request)))

    async def exists(self, request: Request) -> Response:
        return answer(self._resources.get(workspace(request), path(request)) is not None)

    async def list(self, request: Request) -> Response:
        types, start = (
            request.query_params.get("resource_type"),
            request.query_params.get("path_start", ""),
        )
        wanted = types.split(",") if types else None
        chosen = [
            item
            for item in self._resources.list(workspace(request))
            if item.path.startswith(start)
            and (wanted is None or item.doc["resource_type"] in wanted)
        ]
        # As in Windmill, a list is light: values are asked for one by one.
        rows = [_described(request, item) | {"value": None} for item in paged(request, chosen)]
        return answer(rows)


def _resource(body: Doc) -> Doc:
    return {
        "resource_type": body["resource_type"],
        "description": body.get("description") or "",
        "value": body.get("value"),
    }


def _described(request: Request, item: Item) -> Doc:
    about = {
        "workspace_id": workspace(request),
        "path": item.path,
        "edited_at": iso(item.edited_at),
    }
    return (
        about
        | item.doc
        | {"extra_perms": {}, "created_by": "admin", "is_oauth": False, "is_linked": False}
    )


class ResourceTypes:
    def __init__(self, engine: Engine) -> None:
        self._types = engine.resource_types

    def routes(self) -> list[Route]:
        return [
            Route("/resources/type/create", self.create, methods=["POST"]),
            Route("/resources/type/update/{path}", self.update, methods=["POST"]),
            Route("/resources/type/delete/{path}", self.delete, methods=["DELETE"]),
            Route("/resources/type/get/{path}", self.get),
            Route("/resources/type/exists/{path}", self.exists),
            Route("/resources/type/list", self.list),
            Route("/resources/type/listnames", self.names),
        ]

    async def create(self, request: Request) -> Response:
        body = await doc_body(request, {"name": str})
        if self._types.get(workspace(request), body["name"]):
            raise PathConflict(path=body["name"], why="the resource type exists already")
        self._types.put(workspace(request), body["name"], _type(body))
        return text(f"resource_type {body['name']} created", 201)

    async def update(self, request: Request) -> Response:
        old, body = self._found(request), await doc_body(request)
        self._types.put(workspace(request), old.path, _type(old.doc | body | {"name": old.path}))
        return text(f"resource_type {old.path} updated")

    async def delete(self, request: Request) -> Response:
        found(
            self._types.delete(workspace(request), path(request)) or None,
            f"resource type {path(request)}",
        )
        return text(f"resource_type {path(request)} deleted")

    def _found(self, request: Request) -> Item:
        return found(
            self._types.get(workspace(request), path(request)), f"resource type {path(request)}"
        )

    async def get(self, request: Request) -> Response:
        return answer(_type_described(request, self._found(request)))

    async def exists(self, request: Request) -> Response:
        return answer(self._types.get(workspace(request), path(request)) is not None)

    async def list(self, request: Request) -> Response:
        return answer(
            [_type_described(request, item) for item in self._types.list(workspace(request))]
        )

    async def names(self, request: Request) -> Response:
        return answer([item.path for item in self._types.list(workspace(request))])


def _type(body: Doc) -> Doc:
    kept = ("name", "schema", "description", "format_extension", "is_fileset")
    return {key: body.get(key) for key in kept} | {"is_fileset": bool(body.get("is_fileset"))}


def _type_described(request: Request, item: Item) -> Doc:
    return {
        "workspace_id": workspace(request),
        "edited_at": iso(item.edited_at),
        "created_by": "admin",
        **item.doc,
    }
