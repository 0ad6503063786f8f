"""Where a request comes from."""

from fastapi import Request

SAFE = {"GET", "HEAD", "OPTIONS"}
BY_PROXIES = ("forwarded", "x-forwarded-", "x-real-ip", "via")


def own_origin(request: Request) -> bool:
    """No page of another origin; programs send none."""
    origin = request.headers.get("origin")
    return origin is None or origin == f"{request.url.scheme}://{request.headers.get('host')}"


def surely_own_origin(request: Request) -> bool:
    """What writes by a cookie must say so itself: every browser does."""
    said = "origin" in request.headers or request.headers.get("sec-fetch-site") == "same-origin"
    return said and own_origin(request)


def through_proxy(request: Request) -> bool:
    """It says so, trusted or not, or speaks as nginx does unless told otherwise (HTTP/1.0)."""
    named = any(name.startswith(BY_PROXIES) for name in request.headers)
    return named or request.scope.get("http_version") == "1.0"
