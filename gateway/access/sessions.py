"""A browser's session: two cookies that no script reads.

The page's token is short and believed without a look into the database; the refresh token goes only
where it is renewed. A session that is ended here is over here at once, and in other gateways of the
same database as soon as the page's token is.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from fastapi import Request, Response

from gateway.access.errors import SessionReused, Unauthorized
from gateway.access.roles import Principal
from gateway.access.tokens import Tokens
from gateway.http.settings import Settings
from gateway.state.sessions import Renewal, Session, Sessions, read_grant, written_grant

COOKIE, REFRESH_COOKIE = "mlops_session", "mlops_refresh"
LOGIN_COOKIE = "mlops_login"
# Browsers keep others from setting cookies of such names: RFC 6265bis, "Cookie Name Prefixes".
# The refresh token has a path of its own, which `__Host-` does not allow.
OVER_TLS = {name: f"__Host-{name}" for name in (COOKIE, LOGIN_COOKIE)}
OVER_TLS |= {REFRESH_COOKIE: f"__Secure-{REFRESH_COOKIE}"}
REFRESH_PATH = "/builder/session"
PAGE_SECONDS = 300
LONGEST = timedelta(hours=24)
OVER = "The session has ended"
ADMIN_KEY = "admin-key"
BY_OIDC = "oidc"


@dataclass(frozen=True)
class Opened:
    """What opened a session, which ends with it."""

    principal: Principal
    by: str
    expires_at: datetime | None = None
    # A session of this id is opened once.
    once: str = ""


class BrowserSessions:
    def __init__(self, settings: Settings, sessions: Sessions) -> None:
        secrets, workspace = settings.secret_keys, settings.windmill_workspace
        self._page = Tokens(secrets, "page", workspace)
        self._refresh = Tokens(secrets, "refresh", workspace)
        self._sessions = sessions
        self._marks = {*admin_marks(settings), oidc_mark(settings)}
        self._ended: set[str] = set()

    async def open(self, request: Request, response: Response, opened: Opened) -> None:
        now = datetime.now(UTC)
        until = min(filter(None, (now + LONGEST, opened.expires_at)))
        session = await self._sessions.open(opened.principal, opened.by, now, until, opened.once)
        self._hand_out(request, response, session, now)

    async def renew(self, request: Request, response: Response) -> None:
        """Raises Unauthorized, SessionReused."""
        now = datetime.now(UTC)
        claims = self._refresh.read(sent_cookie(request, REFRESH_COOKIE), _seconds(now))
        renewal, session = await self._sessions.renew(claims["sid"], claims["gen"], now)
        if session:
            request.state.principal = session.principal
        if renewal == Renewal.reused:
            self._ended.add(claims["sid"])
            raise SessionReused
        if session is None or self._is_outdated(session.opened_by):
            raise Unauthorized(reason=OVER)
        self._hand_out(request, response, session, now)

    async def end(self, request: Request, response: Response) -> Session | None:
        """The browser's own; it need not be open any more."""
        now, ended = datetime.now(UTC), None
        for tokens, cookie in ((self._refresh, REFRESH_COOKIE), (self._page, COOKIE)):
            try:
                claims = tokens.read(sent_cookie(request, cookie), _seconds(now))
            except Unauthorized:
                continue
            session = await self.end_by_id(claims["sid"])
            if session:
                ended, request.state.principal = session, session.principal
        secure = is_tls(request)
        response.delete_cookie(cookie_name(request, COOKIE), secure=secure)
        name = cookie_name(request, REFRESH_COOKIE)
        response.delete_cookie(name, path=REFRESH_PATH, secure=secure)
        return ended

    async def end_by_id(self, id_: str) -> Session | None:
        self._ended.add(id_)
        return await self._sessions.end(id_, datetime.now(UTC))

    async def end_opened_by(self, opened_by: str) -> None:
        self._ended.update(await self._sessions.end_opened_by(opened_by, datetime.now(UTC)))

    def principal(self, request: Request) -> Principal | None:
        """Of the page's cookie; None where there is none that counts."""
        if not (sent := sent_cookie(request, COOKIE)):
            return None
        try:
            claims = self._page.read(sent, _seconds(datetime.now(UTC)))
        except Unauthorized:
            return None
        if claims["sid"] in self._ended or self._is_outdated(claims["by"]):
            return None
        return _principal(claims)

    def _is_outdated(self, opened_by: str) -> bool:
        """Another admin key ends the sessions of the one before; so do other roles by OIDC."""
        kind = opened_by.split(":")[0]
        mark = opened_by if kind == ADMIN_KEY else opened_by.rpartition(":")[0]
        return kind in (ADMIN_KEY, BY_OIDC) and mark not in self._marks

    def _hand_out(
        self, request: Request, response: Response, session: Session, now: datetime
    ) -> None:
        at, left = _seconds(now), int((session.expires_at - now).total_seconds())
        page = self._page.make(_claims(session), at, min(PAGE_SECONDS, left))
        refresh = self._refresh.make({"sid": session.id, "gen": session.generation}, at, left)
        options: dict[str, Any] = {"httponly": True, "samesite": "strict"}
        options |= {"secure": is_tls(request), "max_age": left}
        response.set_cookie(cookie_name(request, COOKIE), page, **options)
        name = cookie_name(request, REFRESH_COOKIE)
        response.set_cookie(name, refresh, path=REFRESH_PATH, **options)


def is_tls(request: Request) -> bool:
    """As a trusted proxy says."""
    return request.url.scheme == "https"


def cookie_name(request: Request, cookie: str) -> str:
    return OVER_TLS[cookie] if is_tls(request) else cookie


def sent_cookie(request: Request, cookie: str) -> str:
    return request.cookies.get(cookie_name(request, cookie), "")


def admin_marks(settings: Settings) -> list[str]:
    """What tells the admin keys of now from others, by each secret."""
    return [
        admin_mark(secret, key)
        for key in settings.api_keys or [""]
        for secret in settings.secret_keys
    ]


def admin_mark(secret: str, key: str) -> str:
    return f"{ADMIN_KEY}:{hmac.digest(secret.encode(), key.encode(), 'sha256').hex()[:16]}"


def oidc_mark(settings: Settings) -> str:
    """What tells the provider and the roles of now from others."""
    roles = [rule.model_dump(mode="json") for rule in settings.oidc_roles]
    written = json.dumps([settings.oidc_issuer, settings.oidc_client_id, roles])
    return f"{BY_OIDC}:{sha256(written.encode()).hexdigest()[:16]}"


def _claims(session: Session) -> dict[str, Any]:
    grants = [written_grant(grant) for grant in session.principal.grants]
    who = session.principal.name
    return {"sid": session.id, "sub": who, "by": session.opened_by, "grants": grants}


def _principal(claims: Mapping[str, Any]) -> Principal:
    return Principal(claims["sub"], tuple(map(read_grant, claims["grants"])))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
