"""Whose a request is: tokens of the instance, those made here, and those of running jobs."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, answer, doc_body, seconds_of, text
from engine.api.scopes import refusal
from engine.core import Engine
from engine.errors import ApiError, BadRequest, Unauthorized

EVERYTHING: tuple[str, ...] = ()
INSTANCE = ""


class Tokens:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def refusal(self, request: Request) -> ApiError | None:
        scopes = self._scopes(_token(request))
        if scopes is None:
            return Unauthorized()
        request.state.scopes = scopes
        return refusal(list(scopes), request.method, request.url.path)

    def known(self, request: Request) -> bool:
        return self._scopes(_token(request)) is not None

    def _scopes(self, token: str) -> Sequence[str] | None:
        """None of a token that nobody knows; empty of one that may do everything."""
        given = self._engine.settings.tokens.items()
        known = [each for each in given if hmac.compare_digest(token.encode(), each[0].encode())]
        if known:
            return known[0][1]
        if token and self._engine.jobs.by_token(token) is not None:
            return EVERYTHING
        return self._made_here(token)

    def _made_here(self, token: str) -> Sequence[str] | None:
        item = self._engine.tokens.get(INSTANCE, _digest(token)) if token else None
        if item is None or (item.doc["ends"] and item.doc["ends"] <= time.time()):
            return None
        return tuple(item.doc["scopes"])


class TokenApi:
    """Tokens that people make; only a digest of each is kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._tokens = engine, engine.tokens

    def routes(self) -> list[Route]:
        return [
            Route("/api/users/tokens/create", self.create, methods=["POST"]),
            Route("/api/users/tokens/list", self.list),
            Route("/api/users/tokens/delete/{prefix}", self.delete, methods=["DELETE"]),
        ]

    async def create(self, request: Request) -> Response:
        body = await doc_body(request)
        scopes, ends = body.get("scopes") or [], body.get("expiration")
        if not isinstance(scopes, list) or not all(isinstance(each, str) for each in scopes):
            raise BadRequest(why="`scopes` must be a list of strings")
        try:
            until = seconds_of(ends) if ends else None
        except (TypeError, ValueError) as error:
            raise BadRequest(why="`expiration` must be an ISO date") from error
        doc = {"label": body.get("label"), "scopes": scopes, "ends": until}
        return text(keep_token(self._engine, doc), 201)

    async def list(self, request: Request) -> Response:
        items = (item.doc for item in self._tokens.list(INSTANCE))
        shown = ("label", "scopes")
        return answer([{**{k: d[k] for k in shown}, "token_prefix": d["prefix"]} for d in items])

    async def delete(self, request: Request) -> Response:
        prefix = request.path_params["prefix"]
        for item in self._tokens.list(INSTANCE):
            if item.doc["prefix"] == prefix:
                self._tokens.delete(INSTANCE, item.path)
        return answer([])


def keep_token(engine: Engine, doc: Doc) -> str:
    """`doc`: its `label`, its `scopes`, and when it `ends`."""
    token = secrets.token_urlsafe(24)
    engine.tokens.put(INSTANCE, _digest(token), {**doc, "prefix": token[:10]})
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.query_params.get("token", "")
