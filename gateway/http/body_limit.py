"""Bodies are read up to a limit, whatever their sender says about their size."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class LimitBody:
    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limited = _Limited(receive, self.max_bytes, _announced(scope))
        await self.app(scope, limited.receive if scope["type"] == "http" else receive, send)


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
    return int(length) if length.isdigit() else 0


class _Limited:
    def __init__(self, receive: Receive, max_bytes: int, announced: int) -> None:
        self.inner = receive
        self.max_bytes = max_bytes
        self.announced = announced
        self.received = 0

    async def receive(self) -> Message:
        self._check(self.announced)
        message = await self.inner()
        self.received += len(message.get("body", b""))
        self._check(self.received)
        return message

    def _check(self, size: int) -> None:
        # Raised where the body is read, so it is answered like every other refusal.
        if size > self.max_bytes:
            raise HTTPException(413, f"The body is larger than {self.max_bytes} bytes")
