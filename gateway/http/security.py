"""Who may call."""

import hmac
import ipaddress

from fastapi import Request
from fastapi.security import HTTPBearer

from gateway.clients.windmill import LOOPBACK_NAMES
from gateway.errors import Unauthorized
from gateway.http.settings import Settings

bearer = HTTPBearer(auto_error=False, description="MLOPS_API_KEY")


async def authorize(request: Request) -> None:
    """Raises Unauthorized."""
    settings: Settings = request.app.state.settings
    if settings.api_key is None:
        _only_from_here(request)
        return
    credentials = await bearer(request)
    if not is_key(settings, credentials.credentials if credentials else ""):
        raise Unauthorized(reason="The API key is missing or wrong")


def is_key(settings: Settings, given: str) -> bool:
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


def own_origin(request: Request) -> bool:
    origin = request.headers.get("origin")
    return origin is None or origin == f"{request.url.scheme}://{request.headers.get('host')}"
