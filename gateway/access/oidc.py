"""Sign-ins at a provider of identities: begun here, answered there, each answer good for once."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import httpx
from fastapi import Request, Response

from gateway.access.errors import NoRole, ProviderUnreachable, SignInRefused, Unauthorized
from gateway.access.remembering import shown
from gateway.access.roles import Principal, email_of, grants_by
from gateway.access.sessions import (
    BY_OIDC,
    LOGIN_COOKIE,
    Opened,
    cookie_name,
    is_tls,
    oidc_mark,
    sent_cookie,
)
from gateway.access.tokens import Tokens
from gateway.clients.oidc import Begun, Client, Provider
from gateway.clients.windmill import LOOPBACK_NAMES
from gateway.http.settings import Settings
from gateway.state.sessions import Session

CALLBACK = "/builder/login/callback"
BEGUN_SECONDS = 600
# What they lost there in the meantime counts here after that.
LONGEST = timedelta(hours=8)
A_PAGE_OF_OURS = re.compile(r"/(?:[\w-][\w./-]*)?")
UNKNOWN = "it was not begun in this browser, or more than ten minutes ago"


class SignIns:
    def __init__(self, settings: Settings, provider: Provider) -> None:
        self.provider = provider
        self.public_url = settings.mlops_public_url.rstrip("/")
        self._tokens = Tokens(settings.secret_keys, "login", settings.windmill_workspace)
        self._workspace = settings.windmill_workspace
        self._rules = settings.oidc_roles
        self._mark = oidc_mark(settings)

    async def begin(self, request: Request, response: Response, next_: str) -> str:
        """Where to send the browser. Raises SignInRefused, ProviderUnreachable."""
        if not A_PAGE_OF_OURS.fullmatch(next_):
            raise SignInRefused(reason="where it would end is no page of the gateway")
        begun = Begun.anew()
        address = await self.provider.address(begun)
        token = self._tokens.make({**asdict(begun), "next": next_}, _now(), BEGUN_SECONDS)
        # Lax: the way back begins on a page of the provider.
        options: dict[str, Any] = {"httponly": True, "samesite": "lax", "max_age": BEGUN_SECONDS}
        name = cookie_name(request, LOGIN_COOKIE)
        response.set_cookie(name, token, secure=is_tls(request), **options)
        return address

    async def answered(self, request: Request) -> tuple[Opened, str]:
        """Who signed in, and where they wanted to. Raises SignInRefused and its kinds."""
        begun, next_ = self._begun(request)
        said = request.query_params
        if not hmac.compare_digest(said.get("state", "").encode(), begun.state.encode()):
            raise SignInRefused(reason=UNKNOWN)
        await self.provider.came_from(said.get("iss"))
        if "code" not in said:
            reason = shown(said.get("error", "without a code"))
            raise SignInRefused(reason=f"the provider answers: {reason}")
        claims = await self.provider.identity(said["code"], begun, _now())
        return self._opened(request, claims, begun), next_

    async def way_out(self, session: Session) -> str:
        """Where one signs out there too, if one signed in there; whatever is there, here one is."""
        if not session.opened_by.startswith(f"{BY_OIDC}:"):
            return ""
        try:
            return await self.provider.way_out(f"{self.public_url}/")
        except ProviderUnreachable:
            return ""

    def _begun(self, request: Request) -> tuple[Begun, str]:
        try:
            claims = self._tokens.read(sent_cookie(request, LOGIN_COOKIE), _now())
        except Unauthorized as error:
            fix = "Begin again from the sign-in page, at the address that MLOPS_PUBLIC_URL says."
            raise SignInRefused(reason=UNKNOWN, fix=fix) from error
        return Begun(claims["state"], claims["nonce"], claims["verifier"]), claims["next"]

    def _opened(self, request: Request, claims: Mapping[str, Any], begun: Begun) -> Opened:
        name = f"{BY_OIDC}:{shown(email_of(claims) or claims['sub'])[:150]}"
        principal = Principal(name, grants_by(self._rules, claims, self._workspace))
        request.state.principal = principal
        if principal.role_in(self._workspace) is None:
            raise NoRole(name=name)
        by = f"{self._mark}:{sha256(claims['sub'].encode()).hexdigest()[:16]}"
        once = sha256(begun.state.encode()).hexdigest()[:16]
        return Opened(principal, by, datetime.now(UTC) + LONGEST, once)


def sign_ins(settings: Settings) -> SignIns | None:
    """None where no provider is named."""
    if not settings.oidc_issuer:
        return None
    secret = settings.oidc_client_secret
    client = Client(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret.get_secret_value() if secret else "",
        settings.oidc_scopes,
        settings.mlops_public_url.rstrip("/") + CALLBACK,
    )
    here = urlsplit(client.issuer).hostname in LOOPBACK_NAMES
    http = httpx.AsyncClient(timeout=httpx.Timeout(10, connect=5), trust_env=not here)
    return SignIns(settings, Provider(client, http))


def _now() -> int:
    return int(datetime.now(UTC).timestamp())
