"""The whole workspace as one archive: what the official CLI compares its files with."""

import asyncio
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, answer, flag
from engine.api.paths import workspace
from engine.api.triggers import http_triggers, schedules
from engine.core import Engine
from engine.errors import BadRequest

_SCRIPT = ("summary", "description", "schema", "lock", "kind")
_FLOW = ("summary", "description", "value", "schema")
_APP = ("summary", "value", "policy")
_FOLDER = ("summary", "display_name", "owners", "extra_perms")
_RESOURCE = ("value", "description", "resource_type")
_TYPE = ("schema", "description", "format_extension", "is_fileset")
_VARIABLE = ("value", "is_secret", "description")
_WHERE_GIVEN = (
    "tag",
    "timeout",
    "envs",
    "cache_ttl",
    "dedicated_worker",
    "priority",
    "delete_after_secs",
    "restart_unless_cancelled",
    "visible_to_runner_only",
    "has_preprocessor",
    "concurrent_limit",
    "concurrency_time_window_s",
    "concurrency_key",
    "on_behalf_of_email",
    "labels",
)
# What scripts keep between runs is not part of a workspace's definition.
_NEVER = ("state", "cache")

Entries = dict[str, str]


class Export:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> list[Route]:
        return [
            Route("/workspaces/tarball", self.archive),
            Route("/workspaces/list_ws_specific", self.nothing),
            Route("/resources/file_resource_type_to_file_ext_map", self.file_types),
        ]

    async def archive(self, request: Request) -> Response:
        kind = request.query_params.get("archive_type", "tar")
        if kind not in _PACKERS:
            raise BadRequest(why=f"Invalid Archive Type {kind}")
        entries = dict(self._entries(request))
        packed = await asyncio.to_thread(_PACKERS[kind], entries)
        name = f'attachment; filename="windmill-{workspace(request)}.{kind}"'
        headers = {"content-disposition": name}
        return Response(packed, headers=headers, media_type=f"application/{kind}")

    async def nothing(self, request: Request) -> Response:
        return answer([])

    async def file_types(self, request: Request) -> Response:
        shown = ("format_extension", "is_fileset")
        types = {
            item.path: {key: item.doc[key] for key in shown}
            for item in self._engine.resource_types.list(workspace(request))
            if any(item.doc[key] for key in shown)
        }
        return answer(types)

    def _entries(self, request: Request) -> Iterator[tuple[str, str]]:
        owner = workspace(request)
        for folder in self._engine.folders.list(owner):
            yield f"f/{folder.path}/folder.meta.json", _json(folder.doc, _FOLDER)
        yield from self._code(owner)
        if not flag(request, "skip_resources"):
            yield from self._resources(owner)
        if not flag(request, "skip_resource_types"):
            for item in self._engine.resource_types.list(owner):
                yield f"{item.path}.resource-type.json", _json(item.doc, _TYPE)
        if not flag(request, "skip_variables"):
            plain = flag(request, "plain_secret") or flag(request, "plain_secrets")
            yield from self._variables(owner, plain and not flag(request, "skip_secrets"))
        if flag(request, "include_schedules"):
            yield from self._schedules(owner)
        if flag(request, "include_triggers"):
            for item in self._engine.http_triggers.list(owner):
                shown = {key: item.doc[key] for key in http_triggers.EXPORTED}
                yield f"{item.path}.http_trigger.json", json.dumps(shown, indent=2)

    def _schedules(self, owner: str) -> Iterator[tuple[str, str]]:
        for item in self._engine.schedules.list(owner):
            given = {key: item.doc[key] for key in schedules.WHERE_GIVEN if item.doc[key]}
            shown = {key: item.doc[key] for key in schedules.ALWAYS} | given
            yield f"{item.path}.schedule.json", json.dumps(shown, indent=2)

    def _code(self, owner: str) -> Iterator[tuple[str, str]]:
        for script in self._engine.scripts.heads(owner):
            if not script.archived:
                yield f"{script.path}.py", script.doc["content"]
                modules = self._engine.modules.get(script.doc.get("modules"))
                carried = {"modules": modules} if modules else {}
                yield (
                    f"{script.path}.script.json",
                    _json(script.doc | carried, (*_SCRIPT, *carried)),
                )
        for flow in self._engine.flows.heads(owner):
            if not flow.archived:
                yield f"{flow.path}.flow.json", _json(flow.doc, _FLOW)
        for app in self._engine.apps.heads(owner):
            if not app.archived:
                yield f"{app.path}.raw_app.json", _json(app.doc, _APP)

    def _resources(self, owner: str) -> Iterator[tuple[str, str]]:
        for item in self._engine.resources.list(owner):
            if item.doc["resource_type"] not in _NEVER:
                yield f"{item.path}.resource.json", _json(item.doc, _RESOURCE)

    def _variables(self, owner: str, secrets: bool) -> Iterator[tuple[str, str]]:
        for item in self._engine.variables.list(owner):
            if secrets or not item.doc["is_secret"]:
                yield f"{item.path}.variable.json", _json(item.doc, _VARIABLE)


def _json(doc: Doc, always: tuple[str, ...]) -> str:
    given = {key: doc[key] for key in _WHERE_GIVEN if doc.get(key) is not None}
    muted = {"ws_error_handler_muted": True} if doc.get("ws_error_handler_muted") else {}
    return json.dumps({key: doc.get(key) for key in always} | given | muted, indent=2)


def _zip(entries: Entries) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _tar(entries: Entries) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in entries.items():
            data = content.encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


_PACKERS = {"zip": _zip, "tar": _tar}
