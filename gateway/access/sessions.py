"""A browser's session: a signed cookie, good for this gateway's secret and for a day."""

import hmac
import time

from fastapi import Request, Response

from gateway.http.settings import Settings

COOKIE = "mlops_session"
SECONDS = 24 * 3600


def set_session(response: Response, settings: Settings) -> None:
    until = str(int(time.time()) + SECONDS)
    sealed = f"{until}.{_seal(settings, until)}"
    response.set_cookie(COOKIE, sealed, max_age=SECONDS, httponly=True, samesite="strict")


def has_session(request: Request, settings: Settings) -> bool:
    until, _, seal = request.cookies.get(COOKIE, "").partition(".")
    good = hmac.compare_digest(seal.encode(), _seal(settings, until).encode())
    return good and until.isdecimal() and int(until) > time.time()


def _seal(settings: Settings, until: str) -> str:
    # Bound to the API key as well: a new key ends every session.
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    secret = settings.secret_key.get_secret_value().encode()
    return hmac.new(secret, f"session:{key}:{until}".encode(), "sha256").hexdigest()
