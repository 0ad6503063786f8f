"""Logins by password, where an instance begins with one as every Windmill does; else none."""

import hashlib
import hmac
import secrets
import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import doc_body, text
from engine.api.tokens import INSTANCE, keep_token
from engine.core import Engine
from engine.errors import BadRequest

LOGIN_PATH = "/api/auth/login"
SESSION_SECONDS = 14 * 24 * 3600
SHORTEST = 6  # characters


class LoginApi:
    """One person: the one that the instance began with."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> list[Route]:
        return [
            Route(LOGIN_PATH, self.login, methods=["POST"]),
            Route("/api/users/setpassword", self.set_password, methods=["POST"]),
        ]

    async def login(self, request: Request) -> Response:
        body = await doc_body(request)
        email, password = str(body.get("email")), str(body.get("password"))
        if not self._is_right(email, password):
            raise BadRequest(why="Invalid login")
        ends = time.time() + SESSION_SECONDS
        token = keep_token(self._engine, {"label": "session", "scopes": [], "ends": ends})
        return text(token)

    async def set_password(self, request: Request) -> Response:
        password = (await doc_body(request)).get("password")
        if not isinstance(password, str) or len(password) < SHORTEST:
            raise BadRequest(why=f"`password` must be {SHORTEST} characters or more")
        salt = secrets.token_hex(16)
        doc = {"salt": salt, "digest": _digest(password, salt)}
        self._engine.logins.put(INSTANCE, self._email(), doc)
        return text("password updated")

    def _is_right(self, email: str, password: str) -> bool:
        if not self._engine.settings.first_login or email != self._email():
            return False
        changed = self._engine.logins.get(INSTANCE, email)
        if changed is None:
            first = self._engine.settings.first_login[1]
            return hmac.compare_digest(password.encode(), first.encode())
        return hmac.compare_digest(_digest(password, changed.doc["salt"]), changed.doc["digest"])

    def _email(self) -> str:
        if not self._engine.settings.first_login:
            raise BadRequest(why="This instance has no logins")
        return self._engine.settings.first_login[0]


def _digest(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()
