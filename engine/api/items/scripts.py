import hashlib
import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, answer, doc_body, flag, found, iso, paged, text
from engine.api.paths import item_path, path, workspace
from engine.api.script_modules import check_modules
from engine.core import Engine
from engine.errors import BadRequest, NotFound, PathConflict, SameScript
from engine.flow.validate import DYNAMIC_TAG, LANGUAGES
from engine.store.items import Version

_TRANSIENT = ("parent_hash", "deployment_message", "auto_parent", "draft_only")
_DEFAULTS: Doc = {
    "summary": "",
    "description": "",
    "lock": "",
    "schema": None,
    "kind": "script",
    "tag": None,
    "envs": None,
    "timeout": None,
    "is_template": False,
    "no_main_func": False,
    "modules": None,
    "has_preprocessor": None,
}
FOLDER = "WINDMILL_IS_FOLDER"


class Scripts:
    def __init__(self, engine: Engine) -> None:
        self._scripts, self._modules = engine.scripts, engine.modules

    def routes(self) -> list[Route]:
        return [
            Route("/scripts/create", self.create, methods=["POST"]),
            Route("/scripts/get/p/{path:path}", self.get),
            Route("/scripts/get/h/{hash}", self.get_by_hash),
            Route("/scripts/raw/p/{path:path}", self.raw),
            Route("/scripts/raw/h/{hash}", self.raw_by_hash),
            Route("/scripts/exists/p/{path:path}", self.exists),
            Route("/scripts/list", self.list),
            Route("/scripts/list_paths", self.list_paths),
            Route("/scripts/archive/p/{path:path}", self.archive, methods=["POST"]),
            Route("/scripts/archive/h/{hash}", self.archive_hash, methods=["POST"]),
            Route("/scripts/delete/p/{path:path}", self.delete, methods=["POST"]),
            Route("/scripts/history/p/{path:path}", self.history),
            Route("/scripts/deployment_status/h/{hash}", self.deployment_status),
            Route("/scripts/raw_temp/diff", self.diff, methods=["POST"]),
        ]

    async def create(self, request: Request) -> Response:
        body = await doc_body(request, {"path": str, "content": str, "language": str})
        owner, where = workspace(request), item_path(body["path"])
        if body["language"] not in LANGUAGES:
            known = " and ".join(LANGUAGES)
            raise BadRequest(
                why=f"{where}: the embedded engine runs {known}, not {body['language']}"
            )
        if "$" in (body.get("tag") or ""):
            raise BadRequest(why=f"{where}: {DYNAMIC_TAG}")
        check_modules(body.get("modules"))
        head, doc = self._scripts.live(owner, where), self._document(body)
        if head and flag(request, "skip_if_noop") and _same(head.doc, doc):
            return text(head.hash, 201)
        if head and not body.get("parent_hash") and _same(head.doc, doc):
            raise SameScript(path=where)
        self._check_parent(where, head, body)
        count = len(self._scripts.history(owner, where))
        seed = json.dumps([owner, where, count, doc], sort_keys=True)
        version = self._scripts.add(
            owner, where, hashlib.sha256(seed.encode()).hexdigest()[:16], doc
        )
        return text(version.hash, 201)

    def _document(self, body: Doc) -> Doc:
        """Its modules by their digest: a job that only wants the script reads none of them."""
        return _document(body) | {"modules": self._modules.put(body.get("modules"))}

    def _check_parent(self, where: str, head: Version | None, body: Doc) -> None:
        parent = body.get("parent_hash")
        if head is None or body.get("auto_parent") or parent == head.hash:
            return
        if parent is None:
            raise PathConflict(
                path=where, why=f"non-archived hash {head.hash} exists; name it as parent_hash"
            )
        raise PathConflict(path=where, why=f"parent_hash {parent} is not the head, {head.hash} is")

    def _live(self, request: Request) -> Version:
        return found(
            self._scripts.live(workspace(request), path(request)), f"script {path(request)}"
        )

    def _by_hash(self, request: Request) -> Version:
        hash_ = request.path_params["hash"]
        return found(self._scripts.by_hash(workspace(request), hash_), f"script hash {hash_}")

    async def get(self, request: Request) -> Response:
        return answer(self._describe(request, self._live(request)))

    async def get_by_hash(self, request: Request) -> Response:
        return answer(self._describe(request, self._by_hash(request)))

    def _describe(self, request: Request, version: Version) -> Doc:
        older = [
            v.hash
            for v in self._scripts.history(workspace(request), version.path)
            if v.seq < version.seq
        ]
        return _listed(request, version) | {
            "content": version.doc["content"],
            "lock": version.doc["lock"],
            "schema": version.doc["schema"],
            "modules": self._modules.get(version.doc.get("modules")),
            "parent_hashes": older,
        }

    async def raw(self, request: Request) -> Response:
        where = path(request).removesuffix(".py")
        if script := self._scripts.live(workspace(request), where):
            return text(script.doc["content"])
        if flag(request, "cache_folders") and self._scripts.is_folder(workspace(request), where):
            return text(FOLDER)
        raise NotFound(what=f"script {where}")

    async def raw_by_hash(self, request: Request) -> Response:
        request.path_params["hash"] = request.path_params["hash"].removesuffix(".py")
        return text(self._by_hash(request).doc["content"])

    async def exists(self, request: Request) -> Response:
        return answer(self._scripts.live(workspace(request), path(request)) is not None)

    def _heads(self, request: Request) -> list[Version]:
        start, exact = (
            request.query_params.get("path_start", ""),
            request.query_params.get("path_exact"),
        )
        archived = flag(request, "show_archived")
        heads = (v for v in self._scripts.heads(workspace(request)) if v.archived == archived)
        return [v for v in heads if v.path.startswith(start) and exact in (None, v.path)]

    async def list(self, request: Request) -> Response:
        return answer(
            [_listed(request, version) for version in paged(request, self._heads(request))]
        )

    async def list_paths(self, request: Request) -> Response:
        return answer([version.path for version in self._heads(request)])

    async def archive(self, request: Request) -> Response:
        script = self._live(request)
        self._scripts.archive(workspace(request), script.path)
        return text(script.hash)

    async def archive_hash(self, request: Request) -> Response:
        script = self._by_hash(request)
        live = self._scripts.live(workspace(request), script.path)
        if live and live.hash == script.hash:
            self._scripts.archive(workspace(request), script.path)
        return answer(self._describe(request, self._by_hash(request)))

    async def delete(self, request: Request) -> Response:
        found(
            self._scripts.delete(workspace(request), path(request)) or None,
            f"script {path(request)}",
        )
        return text(path(request))

    async def history(self, request: Request) -> Response:
        versions = self._scripts.history(workspace(request), path(request))
        found(versions or None, f"script {path(request)}")
        notes = [
            {"script_hash": v.hash, "deployment_msg": v.doc.get("deployment_message")}
            for v in versions
        ]
        return answer(notes)

    async def deployment_status(self, request: Request) -> Response:
        return answer(
            {"lock": self._by_hash(request).doc["lock"], "lock_error_logs": None, "job_id": None}
        )

    async def diff(self, request: Request) -> Response:
        body = await doc_body(request, {"scripts": dict})
        owner = workspace(request)
        return answer(
            [p for p, digest in body["scripts"].items() if self._digest(owner, p) != digest]
        )

    def _digest(self, owner: str, where: str) -> str | None:
        script = self._scripts.live(owner, where)
        return hashlib.sha256(script.doc["content"].encode()).hexdigest() if script else None


def _document(body: Doc) -> Doc:
    doc = _DEFAULTS | {k: v for k, v in body.items() if k not in ("parent_hash", "auto_parent")}
    lock = doc["lock"]
    return doc | {"lock": "\n".join(lock) if isinstance(lock, list) else lock or ""}


def _same(left: Doc, right: Doc) -> bool:
    def lasting(doc: Doc) -> Doc:
        return {k: v for k, v in doc.items() if k not in _TRANSIENT}

    return lasting(left) == lasting(right)


def _listed(request: Request, version: Version) -> Doc:
    heavy = ("content", "lock", "schema", "modules", "deployment_message")
    light = {k: v for k, v in version.doc.items() if k not in heavy}
    return light | {
        "workspace_id": workspace(request),
        "hash": version.hash,
        "created_at": iso(version.created_at),
        "created_by": "admin",
        "archived": version.archived,
        "deleted": False,
        "starred": False,
        "extra_perms": version.doc.get("extra_perms") or {},
        "has_draft": False,
        "draft_only": False,
        "lock_error_logs": None,
        "ws_error_handler_muted": version.doc.get("ws_error_handler_muted", False),
    }
