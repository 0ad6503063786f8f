"""RunPod's REST API v2 as an httpx transport: strict, and it misbehaves when told to.

Every request has a number from 1. `faults` says at which number what goes wrong: `lost_after` does
the work and then answers 500, `timeout_after` does it and never answers, `garbled_after` answers
no JSON; `limited`, `full`, `poor`, `down` and `unsent` do nothing but fail.
The vendor's own client certifies it: `tests/targets/test_runpod_certified.py`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
import jsonschema_rs
import yaml

CONTRACT = yaml.safe_load((Path(__file__).parent / "contract.yaml").read_text())
VALIDATORS = {name: jsonschema_rs.validator_for(schema) for name, schema in CONTRACT.items()}
KEY = "rpa_only-for-tests"
Fault = Literal[
    "lost_after", "timeout_after", "garbled_after", "limited", "full", "poor", "down", "unsent"
]
REFUSALS: dict[str, tuple[int, str]] = {
    "limited": (429, "too many requests"),
    "full": (400, "There are no instances with the requested GPU: no capacity"),
    "poor": (402, "balance too low"),
    "down": (503, "try later"),
}


@dataclass
class FakeRunpod(httpx.BaseTransport):
    """`listing_lag`: how many listings do not show a new Pod yet. `clings`: deletes do nothing.
    `centers`: the country of each data center; all have one of each GPU. `strays`: a Pod is put
    there, whatever was wished for.
    """

    prices: dict[str, float] = field(default_factory=lambda: {"NVIDIA L4": 0.39})
    faults: Mapping[int, Fault] = field(default_factory=dict)
    centers: Mapping[str, str] = field(default_factory=lambda: {"US-KS-2": "US"})
    strays: str | None = None
    listing_lag: int = 0
    clings: bool = False
    retry_after: str = "7"
    requests: list[tuple[str, str]] = field(default_factory=list)
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    lag_left: dict[str, int] = field(default_factory=dict)
    # Where a Pod is to be more than an entry: what runs it, and what ends it by its id.
    start: Callable[[Mapping[str, Any]], None] = lambda pod: None
    stop: Callable[[str], None] = lambda pod_id: None

    @property
    def hourly(self) -> float:
        """What all that is held costs, in USD."""
        return float(sum(pod["cost"] for pod in self.held.values()))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append((request.method, request.url.path))
        fault = self.faults.get(len(self.requests))
        if fault == "unsent":
            raise httpx.ConnectError("refused", request=request)
        if fault in REFUSALS:
            return self._problem(*REFUSALS[fault])
        answer = self._answer(request)
        if fault == "timeout_after":
            raise httpx.ReadTimeout("no answer", request=request)
        if fault == "lost_after":
            return self._problem(500, "internal error")
        return httpx.Response(answer.status_code, content=b"{<") if fault else answer

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return self._problem(401, "missing bearer token")
        match request.method, request.url.path.split("/")[2:]:
            case "GET", ["pods"]:
                return httpx.Response(200, json={"pods": self._listed()})
            case "POST", ["pods"]:
                return self._create(request)
            case "GET", ["catalog", "gpus"]:
                return self._catalog(request)
            case ("GET" | "DELETE") as method, ["pods", pod_id]:
                return self._one(method, pod_id)
        return self._problem(404, f"no route {request.method} {request.url.path}")

    def _create(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        errors = [error.message for error in VALIDATORS["create_pod"].iter_errors(body)]
        if errors:
            return self._problem(422, "validation failed", errors)
        if body["gpu"]["id"] not in self.prices:
            return self._problem(400, f"no GPU {body['gpu']['id']}")
        pod = self._pod(body)
        self.held[pod["id"]] = pod
        self.lag_left[pod["id"]] = self.listing_lag
        self.start(pod)
        return httpx.Response(201, json=_billed(pod))

    def _pod(self, body: dict[str, Any]) -> dict[str, Any]:
        cost = self.prices[body["gpu"]["id"]] * body["gpu"].get("count", 1)
        body = {**body}
        wished = body.pop("dataCenterIds", None) or [*self.centers]
        unset = dict.fromkeys(("registry", "cudaVersion", "template", "runtime"))
        made = {"createdAt": "2026-11-26T12:00:00Z", "startedAt": None, "locked": False}
        plain = {"args": "", "disk": 50, "mounts": {}, "ports": [], "env": {}, "cloud": "SECURE"}
        state = {"status": "PROVISIONING", "actions": ["stop", "terminate"], "cost": cost}
        others = {"ssh": {"proxy": None, "direct": None}, "globalNetworking": {"enabled": False}}
        pod = {
            **unset,
            **made,
            **plain,
            **state,
            **others,
            **body,
            "dataCenterId": wished[0] if self.strays is None else self.strays or None,
            "id": f"pod{len(self.requests)}",
        }
        VALIDATORS["pod"].validate(pod)
        return pod

    def _listed(self) -> list[dict[str, Any]]:
        shown = [_billed(pod) for id, pod in self.held.items() if not self.lag_left[id]]
        self.lag_left = {pod_id: max(0, left - 1) for pod_id, left in self.lag_left.items()}
        return shown

    def _one(self, method: str, pod_id: str) -> httpx.Response:
        if pod_id not in self.held:
            return self._problem(404, "pod not found")
        if method == "GET":
            return httpx.Response(200, json=_billed(self.held[pod_id]))
        if not self.clings:
            self.stop(pod_id)
            del self.held[pod_id]
        return httpx.Response(204)

    def _catalog(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        codes = query.pop("countryCodes", None)
        if query != {"include": "AVAILABILITY", "product": "POD"}:
            return self._problem(400, "product is required with include=AVAILABILITY")
        if codes is not None and not all(len(code) == 2 for code in codes.split(",")):
            return self._problem(422, "malformed country code")
        there = [
            {"id": id, "name": id, "availability": "LOW"}
            for id, country in self.centers.items()
            if codes is None or country in codes.split(",")
        ]
        gpus = [self._gpu(name) | {"dataCenters": there} for name in self.prices if there]
        return httpx.Response(200, json={"gpus": gpus})

    def _gpu(self, name: str) -> dict[str, Any]:
        price = {"secure": self.prices[name], "community": self.prices[name] * 0.8}
        counts = {"secure": 8, "community": 8}
        gpu = {"id": name, "name": name.removeprefix("NVIDIA "), "pool": None, "memory": 24}
        clouds = {"secure": True, "community": True, "manufacturer": "NVIDIA"}
        return {**gpu, **clouds, "price": price, "maxCount": counts, "availability": "LOW"}

    def _problem(self, status: int, detail: str, errors: list[str] | None = None) -> httpx.Response:
        body = {"title": "error", "status": status, "detail": detail, "errors": errors or []}
        VALIDATORS["problem"].validate(body)
        headers = {"Content-Type": "application/problem+json"}
        if status == httpx.codes.TOO_MANY_REQUESTS:
            headers["Retry-After"] = self.retry_after
        return httpx.Response(status, json=body, headers=headers)


def _billed(pod: Mapping[str, Any]) -> dict[str, Any]:
    """As the vendor tells it: a Pod that ended costs 0."""
    return {**pod, "cost": 0 if pod["status"] in ("EXITED", "TERMINATED") else pod["cost"]}
