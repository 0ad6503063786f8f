"""GET /: a page for people, in one piece and without anything from elsewhere.

Whatever a pipeline offers can be tried there. It is open, and asks for the key, or is opened by a
link that bears it behind `#key=`.
"""

import html
import secrets
from collections.abc import Sequence
from pathlib import Path
from string import Template

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

# What is chosen to be sent is shown before (blob:).
POLICY = (
    "default-src 'none'; connect-src 'self'; img-src data: blob:; media-src blob:; "
    "style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
FOLDER = Path(__file__).with_name("try_it")
# Later ones use what earlier ones name.
SCRIPTS = ("common.js", "chat.js", "fields.js", "predict.js", "others.js", "start.js")


def router(title: str, description: str, routes: Sequence[str], *, needs_key: bool) -> APIRouter:
    api = APIRouter()
    template = Template(_text("page.html"))
    parts = {
        "title": html.escape(title),
        "description": html.escape(description),
        "routes": "\n".join(f"<li><code>{html.escape(route)}</code></li>" for route in routes),
        "offered": html.escape(",".join(routes)),
        "needs_key": str(needs_key).lower(),
        "style": _text("page.css"),
        "script": "\n".join(map(_text, SCRIPTS)),
    }

    @api.get("/", include_in_schema=False)
    def page() -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        headers = {"Content-Security-Policy": POLICY.format(nonce=nonce)}
        return HTMLResponse(template.substitute(parts, nonce=nonce), headers=headers)

    return api


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
