"""Prometheus metrics of the gateway itself; labels are route templates, never what was sent."""

import time

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self.requests = Counter("api_requests", "Requests answered", labels, registry=self.registry)
        self.seconds = Histogram(
            "api_response_time_seconds", "Time to answer", ("route",), registry=self.registry
        )

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        self.requests.labels(route, method, status).inc()
        self.seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class MeasureRequests:
    """Outermost layer; an answer that streams counts once, at its last byte.

    Gateway, engine and serving have this text each, as none may import another, and
    tests/test_request_metrics.py holds them together. Libraries for it (starlette_exporter,
    prometheus-fastapi-instrumentator) have other names and labels, and renaming theirs is as long.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 500

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            # A client may invent paths and methods; each would be a series of its own for ever.
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            self._metrics.answered(route, method, status, time.monotonic() - began)
