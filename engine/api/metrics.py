"""What Prometheus reads: requests by route template, and the queue. No path, no argument."""

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.store.jobs import Jobs

PATH = "/metrics"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Metrics:
    def __init__(self, jobs: Jobs) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(JobNumbers(jobs))
        self._requests = Counter(
            "api_requests",
            "requests answered",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "api_response_time_seconds", "time to answer", ("route",), registry=self._registry
        )

    def routes(self) -> list[Route]:
        return [Route(PATH, self.page)]

    async def page(self, request: Request) -> Response:
        return Response(self.text(), media_type=MEDIA_TYPE)

    def text(self) -> bytes:
        return generate_latest(self._registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class JobNumbers(Collector):
    """Counted in the store when somebody asks: a restart forgets nothing."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        numbers = self._jobs.numbers()
        yield GaugeMetricFamily("jobs_queued", "jobs that wait", value=numbers.queued)
        yield GaugeMetricFamily("jobs_running", "jobs at work", value=numbers.running)
        ended = CounterMetricFamily("jobs_completed", "jobs that ended", labels=("success",))
        ended.add_metric(["true"], numbers.succeeded)
        ended.add_metric(["false"], numbers.failed)
        yield ended


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
