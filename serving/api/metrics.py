"""What Prometheus reads. Labels hold route templates and statuses, never what a client chose."""

import time
from collections import deque

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.api import copies
from serving.pipeline import Pipeline
from serving.port_types import Usage

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)
WORK_ROUTES = {
    "/chat", "/predict", "/batch", "/batch/csv", "/summarize",
    "/v1/chat/completions", "/v1/embeddings",
}  # fmt: skip
COMMON = ("deployment", "pipeline")


class Metrics:
    def __init__(self, pipeline: Pipeline, cost_per_hour: float) -> None:
        self._registry = CollectorRegistry()
        self._labels = (pipeline.deployment_id, pipeline.name)
        self._recent: deque[float] = deque(maxlen=100)
        route = (*COMMON, "route", "method")
        self._requests = Counter(
            "api_requests", "requests answered", (*route, "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "api_response_time_seconds",
            "time until the last byte",
            route,
            registry=self._registry,
            buckets=BUCKETS,
        )
        self._tokens = Counter(
            "llm_tokens", "tokens the LLM counted", (*COMMON, "kind"), registry=self._registry
        )
        self._failures = Counter(
            "llm_failures", "LLM calls that failed", (*COMMON, "code"), registry=self._registry
        )
        self._predictions = Counter(
            "predictions", "predictions made", (*COMMON, "label"), registry=self._registry
        )
        self._unfamiliar = Counter(
            "unfamiliar_inputs",
            "inputs unlike what the model was trained with",
            COMMON,
            registry=self._registry,
        )
        self._gauges: dict[str, Gauge] = {}
        self.set("compute_cost_per_hour", cost_per_hour, "price of the machine, in USD")

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        labels = (*self._labels, route, method)
        self._requests.labels(*labels, str(status)).inc()
        self._seconds.labels(*labels).observe(seconds)
        if route in WORK_ROUTES and status < 400:
            self._recent.append(seconds)

    def llm_answered(self, usage: Usage | None) -> None:
        if usage:
            self._tokens.labels(*self._labels, "prompt").inc(usage.prompt_tokens)
            self._tokens.labels(*self._labels, "completion").inc(usage.completion_tokens)

    def llm_failed(self, code: str) -> None:
        self._failures.labels(*self._labels, code).inc()

    def predicted(self, label: str, unfamiliar: bool) -> None:
        """A label is a class the model was trained with."""
        self._predictions.labels(*self._labels, label).inc()
        self._unfamiliar.labels(*self._labels).inc(unfamiliar)

    def expects(self, label: str) -> None:
        """From zero on: Prometheus sees no increase in what begins with one."""
        self._predictions.labels(*self._labels, label)

    def set(self, name: str, value: float, meaning: str) -> None:
        if name not in self._gauges:
            # Of several copies the last word holds; what each counts is added up.
            self._gauges[name] = Gauge(
                name, meaning, COMMON, registry=self._registry, multiprocess_mode="mostrecent"
            )
        self._gauges[name].labels(*self._labels).set(value)

    @property
    def average_seconds(self) -> float | None:
        recent = self._recent
        return round(sum(recent) / len(recent), 3) if recent else None

    def page(self) -> bytes:
        if not copies.is_one_of_several():
            return generate_latest(self._registry)
        of_all = CollectorRegistry()
        MultiProcessCollector(of_all)  # type: ignore[no-untyped-call]
        return generate_latest(of_all)


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
