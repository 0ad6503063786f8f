"""The LiteLLM proxy, imported without garbage collection and open for what a pipeline needs.

It is over 4,000 modules: collecting between them takes a fifth of the time until it answers.
"""

import gc
import os

gc.disable()
# The command line imports the server, which is most of it, only once it runs.
from litellm.proxy.proxy_cli import run_server  # noqa: E402
from litellm.proxy.proxy_server import app  # noqa: E402

# What is imported stays for good; later collections need not look at it again.
gc.freeze()
gc.enable()

from starlette.datastructures import Headers  # noqa: E402
from starlette.middleware.trustedhost import TrustedHostMiddleware  # noqa: E402
from starlette.responses import JSONResponse  # noqa: E402
from starlette.types import ASGIApp, Receive, Scope, Send  # noqa: E402

ASKED = {
    ("POST", "/v1/chat/completions"), ("GET", "/v1/models"),
    ("GET", "/health/readiness"), ("GET", "/health/liveliness"),
    ("GET", "/metrics"), ("GET", "/metrics/"),
}  # fmt: skip


class OnlyWhatPipelinesNeed:
    """No administration, no user interface, no web page that asks from elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _is_asked(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            refusal = {"error": {"message": "This proxy does not answer that.", "code": 404}}
            await JSONResponse(refusal, 404)(scope, receive, send)


def _is_asked(scope: Scope) -> bool:
    known = scope["type"] == "http" and (scope["method"], scope["path"]) in ASKED
    return known and "origin" not in Headers(scope=scope)


app.add_middleware(OnlyWhatPipelinesNeed)
app.add_middleware(
    TrustedHostMiddleware,
    allowed_hosts=["127.0.0.1", "localhost", *os.environ.get("ALLOW_HOSTS", "").split()],
    www_redirect=False,
)

if __name__ == "__main__":
    run_server()
