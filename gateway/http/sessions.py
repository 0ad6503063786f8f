"""A browser's session: a signed cookie, good for this gateway's secret and for a day."""

import hmac
import time

from fastapi import Request, Response

from gateway.errors import Unauthorized
from gateway.http.security import authorize, is_key, own_origin
from gateway.http.settings import Settings

COOKIE = "mlops_session"
SECONDS = 24 * 3600


def open_session(request: Request, response: Response, key: str) -> None:
    """Raises Unauthorized."""
    settings: Settings = request.app.state.settings
    if not own_origin(request) or settings.api_key is None or not is_key(settings, key):
        raise Unauthorized(reason="The API key is wrong")
    until = str(int(time.time()) + SECONDS)
    sealed = f"{until}.{_seal(settings, until)}"
    response.set_cookie(COOKIE, sealed, max_age=SECONDS, httponly=True, samesite="strict")


async def authorize_page(request: Request) -> None:
    """A session, or whatever the API takes. Raises Unauthorized."""
    # Pages of other ports of this machine are sent the cookie too; their Origin tells them apart.
    if not (_has_session(request) and own_origin(request)):
        await authorize(request)


def _has_session(request: Request) -> bool:
    settings: Settings = request.app.state.settings
    until, _, seal = request.cookies.get(COOKIE, "").partition(".")
    good = hmac.compare_digest(seal.encode(), _seal(settings, until).encode())
    return good and until.isdecimal() and int(until) > time.time()


def _seal(settings: Settings, until: str) -> str:
    # Bound to the API key as well: a new key ends every session.
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    secret = settings.secret_key.get_secret_value().encode()
    return hmac.new(secret, f"session:{key}:{until}".encode(), "sha256").hexdigest()
