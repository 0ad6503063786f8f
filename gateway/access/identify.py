"""Who calls: somebody with a key, a browser with a session, or this machine."""

import hmac
import ipaddress
from datetime import UTC, datetime

from fastapi import Request
from fastapi.security import HTTPBearer

from gateway.access.errors import Unauthorized
from gateway.access.roles import Principal, everything
from gateway.access.sessions import BrowserSessions, Opened, admin_mark
from gateway.clients.windmill import LOOPBACK_NAMES
from gateway.http.origins import SAFE, own_origin, surely_own_origin, through_proxy
from gateway.http.services import Services
from gateway.http.settings import Settings
from gateway.state.keys import PREFIX, WRONG

bearer = HTTPBearer(auto_error=False, description="An API key")
ADMIN = everything("admin-key")
EARLIER_ADMIN = everything("earlier-admin-key")
HERE = everything("this-machine")


async def identify(request: Request, *, page: bool) -> Principal:
    """`page`: a browser's session will do as well. Raises Unauthorized."""
    if page and (principal := _of_browser(request)):
        return principal
    settings: Settings = request.app.state.settings
    credentials = await bearer(request)
    if credentials:
        return (await opened_by_key(request, credentials.credentials)).principal
    if settings.api_key is None:
        _only_from_here(request)
        return HERE
    raise Unauthorized(reason=WRONG)


def _of_browser(request: Request) -> Principal | None:
    browsers: BrowserSessions = request.app.state.browsers
    # Pages of other ports of this machine are sent the cookie too; their Origin tells them apart.
    own = own_origin(request) if request.method in SAFE else surely_own_origin(request)
    return browsers.principal(request) if own else None


async def opened_by_key(request: Request, given: str) -> Opened:
    """Whose key it is. Raises Unauthorized."""
    settings: Settings = request.app.state.settings
    if (which := _admin_key(settings, given)) is not None:
        request.app.state.seen.earlier_key |= which > 0
        mark = admin_mark(settings.secret_keys[0], given)
        return Opened(EARLIER_ADMIN if which else ADMIN, mark)
    if given.startswith(f"{PREFIX}_"):
        services: Services = request.app.state.services
        known = await services.keys.known(given, datetime.now(UTC))
        return Opened(known.principal, f"key:{known.id}", known.expires_at)
    if settings.api_key is None:
        _only_from_here(request)
        return Opened(HERE, "")
    raise Unauthorized(reason=WRONG)


def _admin_key(settings: Settings, given: str) -> int | None:
    """Which it is, 0 being the newest; None where it is none."""
    keys = settings.api_keys
    same = [hmac.compare_digest(given.encode(), key.encode()) for key in keys]
    return same.index(True) if any(same) else None


def _only_from_here(request: Request) -> None:
    fix = "Set MLOPS_API_KEY at the gateway and send it as a Bearer token."
    # Whoever a proxy on this machine serves, anywhere, calls from here as well.
    if through_proxy(request):
        raise Unauthorized(fix=fix, reason="Behind a proxy everybody needs an API key")
    if not _is_loopback(request.client.host if request.client else ""):
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
