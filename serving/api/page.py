"""GET /: a page for people, in one piece and without anything from elsewhere.

It is open, and asks for the key, or is opened by a link that bears it behind `#key=`.
"""

import html
import secrets
from collections.abc import Sequence
from pathlib import Path
from string import Template

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

POLICY = (
    "default-src 'none'; connect-src 'self'; "
    "style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def router(title: str, description: str, routes: Sequence[str], *, needs_key: bool) -> APIRouter:
    api = APIRouter()
    template = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))

    @api.get("/", include_in_schema=False)
    def page() -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        content = template.substitute(
            nonce=nonce,
            title=html.escape(title),
            description=html.escape(description),
            routes="\n".join(f"<li><code>{html.escape(route)}</code></li>" for route in routes),
            ask="" if "POST /chat" in routes else "hidden",
            needs_key=str(needs_key).lower(),
        )
        headers = {"Content-Security-Policy": POLICY.format(nonce=nonce)}
        return HTMLResponse(content, headers=headers)

    return api
