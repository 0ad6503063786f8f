"""The gateway's own pages, and what they may load."""

from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from fastapi.responses import FileResponse, HTMLResponse

from gateway.access.oidc import SignIns

PAGES = Path(__file__).parents[2] / "pages"
# The component kit writes styles into elements; nothing else may come from elsewhere.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors {framed_by}"
)
NOT_STORED = {"Cache-Control": "no-store"}
PROVIDER = '<a class="provider" href="/builder/login">Sign in with {name}</a>'


def page(name: str, framed_by: str = "'none'") -> FileResponse:
    return FileResponse(PAGES / name, headers=_headers(framed_by))


def filled(name: str, status: int = 200, **values: str) -> HTMLResponse:
    """`values` stand in the page as they are."""
    text = Template((PAGES / name).read_text("utf-8")).substitute(values)
    return HTMLResponse(text, status_code=status, headers=_headers("'none'"))


def sign_in_page(sign_ins: SignIns | None, status: int = 401, told: str = "") -> HTMLResponse:
    host = urlsplit(sign_ins.provider.client.issuer).netloc if sign_ins else ""
    provider = PROVIDER.format(name=escape(host)) if sign_ins else ""
    hidden = "" if told else " hidden"
    return filled("sign_in.html", status, provider=provider, told=escape(told), hidden=hidden)


def _headers(framed_by: str) -> dict[str, str]:
    return {**NOT_STORED, "Content-Security-Policy": POLICY.format(framed_by=framed_by)}
