from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.api.failures import respond
from serving.errors import BodyTooLarge

SMALL_BODY = 256_000
LARGE_BODY = 50_000_000


class BodyLimit:
    """Refuses a body before it is held in memory: by its announced length, or while it arrives."""

    def __init__(self, app: ASGIApp, large_paths: tuple[str, ...]) -> None:
        self._app = app
        self._large_paths = large_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = LARGE_BODY if scope["path"].startswith(self._large_paths) else SMALL_BODY
        if _announced(scope) > limit:
            await respond(BodyTooLarge(limit=limit))(scope, receive, send)
            return
        await self._app(scope, _counting(receive, limit), send)


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _counting(receive: Receive, limit: int) -> Receive:
    received = 0

    async def count() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            # FastAPI turns every other exception in a body into its own.
            raise HTTPException(413, detail=str(limit))
        return message

    return count
