"""`/api/r/…`: what other programs call, as HTTP triggers say."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, answer, found, text
from engine.api.jobs.run import Run
from engine.api.jobs.updates import Watcher, event_stream
from engine.api.json_text import parsed
from engine.api.tokens import Tokens
from engine.core import Engine
from engine.errors import (
    BadRequest,
    SenderMalformed,
    SenderUnknown,
    Unauthorized,
    UnsupportedMediaType,
)
from engine.store.items import Item
from engine.store.jobs import Job
from engine.store.runnables import flow_job, script_job
from engine.triggers.routes import find
from engine.triggers.senders import Call, check_sender

PREFIX = "/api/r/"
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS",
    "access-control-allow-headers": "content-type, authorization",
}
_BY_RESOURCE = ("api_key", "basic_http", "signature")
_TEXTS = ("text/plain", "application/xml", "text/xml")


@dataclass(frozen=True)
class Sent:
    """A request's body: what it holds, and the text it came as."""

    value: Any
    text: str
    is_text: bool = False


class Routes:
    def __init__(self, engine: Engine) -> None:
        self._engine, self._tokens, self._run = engine, Tokens(engine), Run(engine)

    def routes(self) -> list[Route]:
        methods = [*_METHODS, "HEAD", "OPTIONS"]
        return [Route(f"{PREFIX}{{called:path}}", self.called, methods=methods)]

    async def called(self, request: Request) -> Response:
        response = text("") if request.method not in _METHODS else await self._answer(request)
        for name, value in _CORS.items():
            response.headers.setdefault(name, value)
        return response

    async def _answer(self, request: Request) -> Response:
        trigger, params = self._find(request)
        sent = await _sent(request)
        try:
            self._check_sender(request, trigger, sent)
        except (SenderUnknown, SenderMalformed) as error:
            return _refusal(trigger, error)
        job = self._job(request, trigger, params, sent)
        self._engine.jobs.add(job)
        self._engine.scheduler.notify()
        return await self._reply(trigger, job)

    def _find(self, request: Request) -> tuple[Item, dict[str, str]]:
        workspace, called = self._engine.settings.workspace, _called(request)
        enabled = [
            item
            for item in self._engine.http_triggers.list(workspace)
            if item.doc["mode"] == "enabled"
        ]
        match = find(enabled, workspace, request.method.lower(), called)
        return found(match, f"Trigger not found at name /{called}")

    def _check_sender(self, request: Request, trigger: Item, sent: Sent) -> None:
        method = trigger.doc["authentication_method"]
        if method == "windmill" and not self._tokens.known(request):
            raise Unauthorized
        if method in _BY_RESOURCE:
            resource = trigger.doc["authentication_resource_path"]
            if not resource:
                raise BadRequest(why="Missing authentication resource path")
            secret = self._engine.values.resource(self._engine.settings.workspace, resource)
            check_sender(method, secret, Call(request.headers, sent.text, self._engine.clock()))

    def _job(self, request: Request, trigger: Item, params: dict[str, str], sent: Sent) -> Job:
        job = self._runnable(trigger, json.dumps(_arguments(trigger, sent)))
        if job.preprocesses or json.loads(job.flow or "{}").get("preprocessor_module"):
            job.args = json.dumps({"event": _event(request, trigger, params, sent)})
        job.created_by = f"HTTP-{trigger.path}"
        return job

    def _runnable(self, trigger: Item, args: str) -> Job:
        workspace, where = self._engine.settings.workspace, trigger.doc["script_path"]
        if trigger.doc["is_flow"]:
            flow = self._engine.runnables.flow(workspace, where)
            job = flow_job(workspace, flow, args)
            job.flow = json.dumps(flow.doc["value"])
            return job
        script = self._engine.runnables.script(workspace, where)
        job = script_job(workspace, script, args)
        job.preprocesses = int(bool(script.doc.get("has_preprocessor")))
        return job

    async def _reply(self, trigger: Item, job: Job) -> Response:
        kind = trigger.doc["request_type"]
        if kind == "async":
            return text(job.id, 201)
        if kind == "sync":
            return await self._run.answer_of(job)
        watcher = Watcher(only_result=True, fast=True)
        return event_stream(job, self._engine.jobs, self._engine.scheduler, watcher)


def _called(request: Request) -> str:
    called: str = request.path_params["called"]
    return called.rstrip("/")


async def _sent(request: Request) -> Sent:
    raw = await request.body()
    try:
        body = raw.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(why=f"invalid utf8: {error}") from error
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    if kind == "application/json":
        return Sent(parsed(raw), body)
    if kind == "application/x-www-form-urlencoded":
        return Sent(dict(parse_qsl(body, keep_blank_values=True)), body)
    if kind in _TEXTS:
        return Sent({}, body, is_text=True)
    raise UnsupportedMediaType(kind=kind)


def _arguments(trigger: Item, sent: Sent) -> Doc:
    """Of what has no preprocessor: the body alone, neither query nor parameters."""
    alone = isinstance(sent.value, dict) and not trigger.doc["wrap_body"]
    body = sent.value if alone else {"body": sent.value}
    return body | ({"raw_string": sent.text} if _is_raw(trigger, sent) else {})


def _is_raw(trigger: Item, sent: Sent) -> bool:
    by_text = trigger.doc["authentication_method"] in ("custom_script", "signature")
    return bool(trigger.doc["raw_string"] or by_text or sent.is_text)


def _event(request: Request, trigger: Item, params: dict[str, str], sent: Sent) -> Doc:
    return {
        "kind": "http",
        "route": trigger.doc["route_path"],
        "path": _called(request),
        "trigger_path": trigger.path,
        "method": request.method.lower(),
        "params": params,
        "query": dict(request.query_params),
        "headers": dict(request.headers),
        "body": sent.value,
        "raw_string": sent.text if _is_raw(trigger, sent) else None,
    }


def _refusal(trigger: Item, error: SenderUnknown | SenderMalformed) -> Response:
    if trigger.doc["authentication_method"] == "signature":
        return answer({"error": str(error)}, error.status)
    refused = text(str(error), error.status)
    if trigger.doc["authentication_method"] == "basic_http":
        refused.headers["www-authenticate"] = 'Basic realm="Restricted Area"'
    return refused
