"""Vast.ai's API as an httpx transport: strict, and it misbehaves when told to.

Every request has a number from 1. `faults` says at which number what goes wrong: `lost_after` does
the work and then answers 500, `timeout_after` does it and never answers, `garbled_after` answers
no JSON; `leftover` refuses a rent and yet makes a stopped instance; `limited`, `quota`, `full`,
`poor`, `quiet` (a failure with status 200), `down` and `unsent` do nothing but fail.
"""

import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
import jsonschema_rs
import yaml

CONTRACT = yaml.safe_load((Path(__file__).parent / "contract.yaml").read_text())
VALIDATORS = {name: jsonschema_rs.validator_for(schema) for name, schema in CONTRACT.items()}
KEY = "only-for-tests-0123456789abcdef"
Fault = Literal[
    "lost_after", "timeout_after", "garbled_after", "leftover",
    "limited", "quota", "full", "poor", "quiet", "down", "unsent",
]  # fmt: skip
REFUSALS: dict[str, tuple[int, dict[str, Any]]] = {
    "limited": (429, {"detail": "API requests too frequent endpoint threshold=4.5"}),
    "quota": (429, {"success": False, "error": "search_quota_exceeded", "msg": "Daily quota"}),
    "full": (
        404,
        {"success": False, "error": "invalid_args", "msg": "error 404/3603: no_such_ask"},
    ),
    "poor": (400, {"success": False, "error": "insufficient_credit", "msg": "lacks credit"}),
    "quiet": (200, {"success": False, "error": "invalid_price", "msg": "too low"}),
    "down": (503, {"detail": "try later"}),
}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, among: value in among,
    "notin": lambda value, among: value not in among,
}
NO_FILTER = ("type", "order", "limit", "allocated_storage")


def offer(offer_id: int, gpu_name: str, price: float, **others: Any) -> dict[str, Any]:
    """As the vendor tells one, of what is used."""
    flags = {"verified": True, "external": False, "rentable": True, "rented": False}
    size = {"num_gpus": 1, "gpu_ram": 24564, "disk_space": 512.3, "direct_port_count": 20}
    host = {"cpu_cores": 64, "cpu_cores_effective": 16.0, "cpu_ram": 257_000}
    prices = {"dph_total": price, "min_bid": price / 2, "storage_cost": 0.15, "inet_up_cost": 0.01}
    place = {"machine_id": offer_id + 100, "reliability": 0.99, "geolocation": "Sweden, SE"}
    return {
        "id": offer_id,
        "gpu_name": gpu_name,
        **flags,
        **size,
        **host,
        **prices,
        **place,
        **others,
    }


def two_offers() -> dict[int, dict[str, Any]]:
    return {7: offer(7, "RTX 4090", 0.41), 8: offer(8, "RTX 4090", 0.35)}


@dataclass
class FakeVastai(httpx.BaseTransport):
    """`listing_lag`: how many listings do not show what is new. `clings`: deletes do nothing."""

    offers: dict[int, dict[str, Any]] = field(default_factory=two_offers)
    faults: Mapping[int, Fault] = field(default_factory=dict)
    listing_lag: int = 0
    clings: bool = False
    page: int = 25
    retry_after: str | None = "7"
    requests: list[tuple[str, str]] = field(default_factory=list)
    held: dict[int, dict[str, Any]] = field(default_factory=dict)
    lag_left: dict[int, int] = field(default_factory=dict)
    # Where an instance is to be more than an entry: what runs it as it was ordered, and ends it.
    start: Callable[[int, Mapping[str, Any]], None] = lambda known, order: None
    stop: Callable[[int], None] = lambda known: None

    @property
    def hourly(self) -> float:
        """What all that is held costs, in USD."""
        return float(sum(instance["dph_total"] for instance in self.held.values()))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append((request.method, request.url.path))
        fault = self.faults.get(len(self.requests))
        if fault == "unsent":
            raise httpx.ConnectError("refused", request=request)
        if fault in REFUSALS:
            return self._refused(*REFUSALS[fault])
        answer = self._answer(request, leftover=fault == "leftover")
        if fault == "timeout_after":
            raise httpx.ReadTimeout("no answer", request=request)
        if fault == "lost_after":
            return httpx.Response(500, text="internal error")
        return httpx.Response(answer.status_code, content=b"{<") if _garbled(fault) else answer

    def _answer(self, request: httpx.Request, *, leftover: bool) -> httpx.Response:
        route = (request.method, request.url.path.removeprefix("/api/").strip("/").split("/"))
        if not request.url.path.endswith("/"):
            return _failed(404, "not_found", "no such page")
        if route == ("POST", ["v0", "bundles"]):
            return self._search(_body(request))
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _failed(401, "auth_error", "Invalid user key")
        match route:
            case "PUT", ["v0", "asks", ask]:
                return self._rent(int(ask), _body(request), leftover=leftover)
            case "GET", ["v1", "instances"]:
                return self._listed(dict(request.url.params))
            case "GET", ["v0", "instances", known] if dict(request.url.params) == {"owner": "me"}:
                return httpx.Response(200, json={"instances": self.held.get(int(known))})
            case "DELETE", ["v0", "instances", known]:
                return self._destroy(int(known))
        return _failed(404, "not_found", f"no route {route}")

    def _search(self, body: dict[str, Any]) -> httpx.Response:
        if errors := _errors("search", body):
            return _failed(400, "invalid_args", errors)
        filters = {name: each for name, each in body.items() if name not in NO_FILTER}
        found = [each for each in self.offers.values() if _fits(each, filters)]
        for column, direction in reversed(body["order"]):
            found.sort(key=lambda each: each.get(column, 0), reverse=direction == "desc")
        return httpx.Response(200, json={"offers": found[: body.get("limit", 64)]})

    def _rent(self, ask: int, body: dict[str, Any], *, leftover: bool) -> httpx.Response:
        if errors := _errors("rent", body):
            return _failed(400, "invalid_args", errors)
        if ask not in self.offers or self.offers[ask]["rented"]:
            return _failed(404, "invalid_args", f"error 404/3603: no_such_ask {ask}")
        made = self._made(ask, body, "stopped" if leftover else None)
        if leftover:
            told = {"success": False, "error": "invalid_price", "msg": "bid too low"}
            return httpx.Response(400, json={**told, "new_contract": made})
        self.offers[ask]["rented"] = True
        key = {"instance_api_key": "only-for-tests"}
        return httpx.Response(200, json={"success": True, "new_contract": made, **key})

    def _made(self, ask: int, body: dict[str, Any], status: str | None) -> int:
        made = 1000 + len(self.requests)
        market = self.offers[ask]
        price = body.get("price") or market["dph_total"]
        kind = {"gpu_name": market["gpu_name"], "num_gpus": market["num_gpus"], "dph_total": price}
        state = {"actual_status": status, "intended_status": "running", "cur_state": "unloaded"}
        reach: dict[str, Any] = {"public_ipaddr": None, "ports": {}, "start_date": 1796000000.0}
        named = {"id": made, "ask": ask, "label": body.get("label"), "image_uuid": body["image"]}
        extra_env = [[name, value] for name, value in body.get("env", {}).items()]
        instance = {**kind, **state, **reach, **named, "extra_env": extra_env}
        VALIDATORS["instance"].validate(instance)
        self.held[made] = instance
        self.lag_left[made] = self.listing_lag
        self.start(made, body)
        return made

    def _listed(self, query: dict[str, str]) -> httpx.Response:
        known = {"limit", "after_token", "select_filters", "order_by"}
        if query.keys() - known or int(query.get("limit", "25")) > 25:
            return _failed(400, "invalid_args", "query")
        filters = json.loads(query.get("select_filters", "{}"))
        after = int(query.get("after_token", "0"))
        shown = [each for each in self._visible() if _fits(each, filters) and each["id"] > after]
        page = shown[: self.page]
        token = str(page[-1]["id"]) if len(shown) > len(page) else None
        counts = {"instances_found": len(page), "total_instances": len(shown)}
        body = {"success": True, "instances": page, "next_token": token, **counts}
        return httpx.Response(200, json=body)

    def _visible(self) -> list[dict[str, Any]]:
        shown = [each for known, each in self.held.items() if not self.lag_left[known]]
        self.lag_left = {known: max(0, left - 1) for known, left in self.lag_left.items()}
        return shown

    def _destroy(self, known: int) -> httpx.Response:
        if known not in self.held:
            return _failed(404, "no_such_instance", f"no instance {known}")
        if not self.clings:
            self.stop(known)
            self._back_on_the_market(self.held.pop(known))
        return httpx.Response(200, json={"success": True})

    def _back_on_the_market(self, instance: Mapping[str, Any]) -> None:
        for each in self.offers.values():
            each["rented"] = each["rented"] and each["id"] != instance["ask"]

    def _refused(self, status: int, body: dict[str, Any]) -> httpx.Response:
        limited = status == httpx.codes.TOO_MANY_REQUESTS and self.retry_after is not None
        headers = {"Retry-After": str(self.retry_after)} if limited else {}
        return httpx.Response(status, json=body, headers=headers)


def _garbled(fault: Fault | None) -> bool:
    return fault == "garbled_after"


def _body(request: httpx.Request) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request.content)
    return body


def _errors(name: str, body: dict[str, Any]) -> str:
    return "; ".join(error.message for error in VALIDATORS[name].iter_errors(body))


def _failed(status: int, error: str, msg: str) -> httpx.Response:
    return httpx.Response(status, json={"success": False, "error": error, "msg": msg})


def _fits(row: Mapping[str, Any], filters: Mapping[str, Mapping[str, Any]]) -> bool:
    return all(
        COMPARE[how](row[name], _like(row[name], wanted))
        for name, each in filters.items()
        for how, wanted in each.items()
    )


def _like(value: Any, wanted: Any) -> Any:
    """The vendor's client sends the numbers of a search in words, as they were typed."""
    return float(wanted) if isinstance(value, int | float) and isinstance(wanted, str) else wanted
