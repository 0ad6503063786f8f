"""Who may use a pipeline's API: whoever shows its key, and asks for it by a name that is its own.

A web page can make a name of its owner's point to this machine (DNS rebinding), and its scripts are
then as near as any program here: so the name that was asked for counts, and the page that asks.
"""

import hmac
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.api.failures import respond
from serving.errors import HostRefused, KeyRefused, OriginRefused, ServingError

# What a browser or a monitor reads before it can know a key. No document and no answer is here.
OPEN = ("/", "/health", "/metrics", "/docs")
OPEN_BELOW = "/docs/"
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?", re.IGNORECASE)
ANY = "*"
MOST_SHOWN = 100


@dataclass(frozen=True)
class Access:
    """An empty key opens the API to every program that reaches it."""

    key: str = ""
    hosts: Sequence[str] = ()  # beside loopback's; one with a dot before it stands for all below
    origins: Sequence[str] = ()  # of pages elsewhere

    def judge(self, scope: Scope) -> ServingError | None:
        """Why this request is refused; who shows the key is noted in the scope."""
        headers = Headers(scope=scope)
        host, origin = ",".join(headers.getlist("host")), ",".join(headers.getlist("origin"))
        if not self._is_ours(_name(host)):
            return HostRefused(host=host[:MOST_SHOWN])
        if origin and not self._may_ask(origin, host):
            return OriginRefused(origin=origin[:MOST_SHOWN])
        reason = self._refused(headers)
        scope["knows_key"] = not reason
        return KeyRefused(reason=reason) if reason and not _is_open(scope) else None

    def _is_ours(self, name: str) -> bool:
        """An address is nobody's name: no DNS can make it point elsewhere."""
        if name == "localhost" or name.endswith(".localhost") or _is_address(name):
            return True
        hosts = [host.lower() for host in self.hosts]
        return name in hosts or any(h.startswith(".") and name.endswith(h) for h in hosts)

    def _may_ask(self, origin: str, host: str) -> bool:
        return origin in self.origins or ANY in self.origins or _netloc(origin) == host.lower()

    def _refused(self, headers: Headers) -> str:
        """Why the key that was shown does not open the API; empty where it does."""
        if not self.key:
            return ""
        scheme, _, shown = ",".join(headers.getlist("authorization")).partition(" ")
        if scheme.lower() != "bearer":
            return "none was sent"
        # Compared as bytes, for text must be ASCII; in a time that tells nothing of the key.
        fits = hmac.compare_digest(shown.strip().encode(), self.key.encode())
        return "" if fits else "the one that was sent is not its own"


class RequireAccess:
    """Before anything of a request is read."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._access.judge(scope) if scope["type"] == "http" else None
        if refused is None:
            await self._app(scope, receive, send)
            return
        headers = {"WWW-Authenticate": "Bearer"} if isinstance(refused, KeyRefused) else None
        await respond(refused, headers)(scope, receive, send)


def _knows_key(request: Request) -> bool:
    return bool(request.scope["knows_key"])


KnowsKey = Annotated[bool, Depends(_knows_key)]


def _is_open(scope: Scope) -> bool:
    path: str = scope["path"]
    return scope["method"] in ("GET", "HEAD") and (path in OPEN or path.startswith(OPEN_BELOW))


def _name(host: str) -> str:
    """Without the port; empty for what is no name of a host."""
    found = HOST.fullmatch(host)
    return found[1].strip("[]").rstrip(".").lower() if found else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _netloc(origin: str) -> str:
    """Of a page on the web: host and port, as the browser sends both in Host."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return ""
    return parts.netloc.lower() if parts.scheme in ("http", "https") else ""
