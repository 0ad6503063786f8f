"""The embedded Windmill in this process: no socket, no process, its own database.

What it cannot do is fail on request, so a wire stands in between that can.
"""

import asyncio
import threading
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from engine.api.app import build
from engine.core import Engine
from engine.settings import Settings
from sync.instances.windmill.client import Windmill

TOKEN = "the-token-of-sync-s-tests"
WORKSPACE = "mlops"
SCRIPT_FIELDS = {
    "path", "content", "language", "summary", "description", "schema", "lock", "kind", "modules",
    "labels", "no_main_func", "timeout",
}  # fmt: skip


class InProcess(httpx.BaseTransport):
    """Calls the application instead of an address, one call at a time, as its one thread would."""

    def __init__(self, app: Starlette) -> None:
        self._asgi = httpx.ASGITransport(app)
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            return self._loop.run_until_complete(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asgi.handle_async_request(request)
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=await answer.aread()
        )

    def stop(self) -> None:
        self._loop.close()


class Wire(httpx.BaseTransport):
    """Keeps in `calls` what goes over it.

    From write number `fail_at` on it refuses; with mode "once" only that one, with mode "lost"
    that one is done and its answer is lost.
    """

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport
        self._lock = threading.Lock()
        self.calls: list[str] = []
        self.fail_at = 0
        self.fail_mode = "down"

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if call.startswith("POST")]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            path = request.url.path.removeprefix(f"/api/w/{WORKSPACE}/")
            self.calls.append(f"{request.method} {path}")
            fails = request.method == "POST" and self._fails(len(self.writes))
            if fails and self.fail_mode != "lost":
                return httpx.Response(500, text="out of order")
            answer = self._transport.handle_request(request)
            return httpx.Response(500, text="answer lost") if fails else answer

    def _fails(self, number: int) -> bool:
        down = self.fail_mode == "down" and number > self.fail_at
        return bool(self.fail_at) and (number == self.fail_at or down)


class EmbeddedWindmill(Windmill):
    def __init__(self, folder: Path) -> None:
        settings = Settings(folder / "db", folder / "cache", {TOKEN: ()})
        self.engine = Engine(settings)
        self._transport = InProcess(build(self.engine))
        self.wire = Wire(self._transport)
        super().__init__(settings.base_url, WORKSPACE, TOKEN, self.wire)
        self.others = Windmill(settings.base_url, WORKSPACE, TOKEN, self._transport)

    def close(self) -> None:
        super().close()
        self.others.close()
        self._transport.stop()
        self.engine.db.close()

    def client(self) -> Windmill:
        """One more over the same wire, for those that close theirs."""
        return Windmill(self.base_url, WORKSPACE, TOKEN, self.wire)

    def paths(self, kind: str) -> set[str]:
        return {row["path"] for row in self.others.get(f"{kind}/list")}

    def held(self, path: str) -> dict[str, Any]:
        """The script, flow or resource that stands there now; empty where nothing does."""
        addresses = (f"{kind}/{path}" for kind in ("scripts/get/p", "flows/get", "resources/get"))
        return next((doc for address in addresses if (doc := self.others.find(address))), {})

    def edit(self, path: str, **fields: Any) -> None:
        """Somebody else's edit."""
        body = {**self.held(path), **fields}
        if "content" in body:
            script = {name: value for name, value in body.items() if name in SCRIPT_FIELDS}
            self.others.post("scripts/create", {**script, "auto_parent": True})
        else:
            kind = "resources" if "resource_type" in body else "flows"
            self.others.post(f"{kind}/update/{path}", body)

    def remove(self, path: str) -> None:
        """Somebody else deletes it."""
        engine = self.engine
        assert engine.scripts.delete(WORKSPACE, path) or engine.resources.delete(WORKSPACE, path)
