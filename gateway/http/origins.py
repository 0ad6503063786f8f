"""Where a browser's request comes from."""

from fastapi import Request

SAFE = {"GET", "HEAD", "OPTIONS"}


def own_origin(request: Request) -> bool:
    """No page of another origin; programs send none."""
    origin = request.headers.get("origin")
    return origin is None or origin == f"{request.url.scheme}://{request.headers.get('host')}"


def surely_own_origin(request: Request) -> bool:
    """What writes by a cookie must say so itself: every browser does."""
    said = "origin" in request.headers or request.headers.get("sec-fetch-site") == "same-origin"
    return said and own_origin(request)
