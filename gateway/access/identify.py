"""Who calls: somebody with a key, a browser with a session, or this machine."""

import hmac
import ipaddress

from fastapi import Request
from fastapi.security import HTTPBearer

from gateway.access.roles import Principal, everything
from gateway.access.sessions import has_session
from gateway.clients.windmill import LOOPBACK_NAMES
from gateway.errors import Unauthorized
from gateway.http.origins import own_origin
from gateway.http.settings import Settings

bearer = HTTPBearer(auto_error=False, description="An API key")
ADMIN = everything("admin-key")
HERE = everything("this-machine")


async def identify(request: Request, *, page: bool) -> Principal:
    """`page`: a browser's session will do as well. Raises Unauthorized."""
    settings: Settings = request.app.state.settings
    # Pages of other ports of this machine are sent the cookie too; their Origin tells them apart.
    if page and has_session(request, settings) and own_origin(request):
        return ADMIN
    credentials = await bearer(request)
    if settings.api_key is None:
        _only_from_here(request)
        return HERE
    if is_admin_key(settings, credentials.credentials if credentials else ""):
        return ADMIN
    raise Unauthorized(reason="The API key is missing or wrong")


def is_admin_key(settings: Settings, given: str) -> bool:
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    return bool(key) and hmac.compare_digest(given.encode(), key.encode())


def _only_from_here(request: Request) -> None:
    if not _is_loopback(request.client.host if request.client else ""):
        fix = "Set MLOPS_API_KEY at the gateway and send it as a Bearer token."
        raise Unauthorized(
            fix=fix, reason="Without an API key only callers on this machine are served"
        )
    # A page in a browser on this machine calls from here too: it gives itself away by these.
    if request.url.hostname not in LOOPBACK_NAMES or not own_origin(request):
        raise Unauthorized(reason="Web pages of other origins need the API key")


def _is_loopback(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return ip.is_loopback or bool(mapped and mapped.is_loopback)
