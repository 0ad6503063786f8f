"""Exoscale's API as an httpx transport: strict, and it misbehaves when told to.

Each zone is an address of its own and knows its own instances alone: `api-<zone>.exoscale.com/v2`,
or `/<zone>/v2` where it is served at one address. Security groups are of the account. Every
signature is looked at.

Every request has a number from 1. `faults` says at which number what goes wrong: `lost_after` does
the work and then answers 500, `timeout_after` does it and never answers, `garbled_after` answers
no JSON; `unavailable` accepts a create whose operation then fails, `leftover` does so too and
leaves an instance behind; `limited`, `quota`, `full`, `poor`, `down` and `unsent` only fail.
"""

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
import jsonschema_rs
import yaml

CONTRACT = yaml.safe_load((Path(__file__).parent / "contract.yaml").read_text())
VALIDATORS = {name: jsonschema_rs.validator_for(schema) for name, schema in CONTRACT.items()}
KEY_NAME, KEY_SECRET = "EXO0123456789abcdef01234567", "only-for-tests-0123456789abcdef-0123456789"
KEY = f"{KEY_NAME}:{KEY_SECRET}"
ZONES = ("ch-gva-2", "at-vie-2")
Fault = Literal[
    "lost_after", "timeout_after", "garbled_after", "unavailable", "leftover",
    "limited", "quota", "full", "poor", "down", "unsent",
]  # fmt: skip
REFUSALS: dict[str, tuple[int, str]] = {
    "limited": (429, "Too many requests"),
    "quota": (403, "Quota for gpua5000 exceeded"),
    "full": (412, "No capacity"),
    "poor": (402, "Payment required"),
    "down": (503, "Service unavailable"),
}
CREDENTIAL = re.compile(
    r"EXO2-HMAC-SHA256 credential=(?P<key>\w+)(?:,signed-query-args=(?P<args>[a-z;-]+))?"
    r",expires=(?P<expires>\d+),signature=(?P<signature>[A-Za-z0-9+/]+=*)"
)


def id_of(*words: object) -> str:
    """The same for the same words: what is told is told again."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, words))))


def instance_type(name: str, gpus: int = 1, **others: Any) -> dict[str, Any]:
    """As the vendor tells one; of `standard` it tells no GPUs."""
    family, size = name.split(".")
    told = {"id": id_of("type", name), "family": family, "size": size, "cpus": 4, "gpus": gpus}
    return {**told, "memory": 32 << 30, "authorized": True, "zones": [*ZONES], **others}


def two_types() -> list[dict[str, Any]]:
    return [
        instance_type("gpua5000.small", zones=["at-vie-2"]),
        instance_type("gpu3.small", authorized=False),
    ]


@dataclass
class FakeExoscale(httpx.BaseTransport):
    """`listing_lag`: how many listings do not show what is new. `clings`: deletes do nothing.
    `slow`: how often an operation is pending before it is done."""

    types: list[dict[str, Any]] = field(default_factory=two_types)
    faults: Mapping[int, Fault] = field(default_factory=dict)
    listing_lag: int = 0
    clings: bool = False
    slow: int = 1
    retry_after: str | None = "7"
    now: Callable[[], float] = time.time
    requests: list[tuple[str, str]] = field(default_factory=list)
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    operations: dict[str, dict[str, Any]] = field(default_factory=dict)
    polls_left: dict[str, int] = field(default_factory=dict)
    lag_left: dict[str, int] = field(default_factory=dict)
    # Where an instance is to be more than an entry: what starts as it was ordered, and ends it.
    start: Callable[[str, Mapping[str, Any]], None] = lambda known, order: None
    stop: Callable[[str], None] = lambda known: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append((request.method, request.url.path))
        fault = self.faults.get(len(self.requests))
        if fault == "unsent":
            raise httpx.ConnectError("refused", request=request)
        if fault in REFUSALS:
            return self._refused(*REFUSALS[fault])
        answer = self._answer(request, fault)
        if fault == "timeout_after":
            raise httpx.ReadTimeout("no answer", request=request)
        if fault == "lost_after":
            return httpx.Response(500, text="internal error")
        garbled = fault == "garbled_after"
        return httpx.Response(answer.status_code, content=b"{<") if garbled else answer

    def _answer(self, request: httpx.Request, fault: Fault | None) -> httpx.Response:
        zone, _, path = _place(request).partition("/v2/")
        if zone not in ZONES:
            return _failed(404, f"no zone {zone}")
        route, query = (request.method, *path.split("/")), dict(request.url.params)
        if route == ("GET", "zone"):
            return httpx.Response(200, json={"zones": [{"name": name} for name in ZONES]})
        if not self._is_signed(request):
            return _failed(403, "Invalid request signature")
        if query and not (route == ("GET", "template") and query.keys() <= {"visibility"}):
            return _failed(400, f"unknown query {query}")
        match route:
            case "GET", "instance-type":
                return httpx.Response(200, json={"instance-types": self.types})
            case "GET", "template":
                return httpx.Response(200, json={"templates": _templates(zone)})
            case "GET", "operation", known if known in self.operations:
                return httpx.Response(200, json=self._polled(known))
            case _, "security-group", *rest:
                return self._group(request, rest)
            case "GET", "instance":
                return httpx.Response(200, json={"instances": self._visible(zone)})
            case "POST", "instance":
                return self._create(zone, json.loads(request.content), fault)
            case method, "instance", known if self._in(zone, known):
                return self._instance(method, known)
        return _failed(404, "Not Found")

    def _is_signed(self, request: httpx.Request) -> bool:
        """By the document, independently of the code under test."""
        told = CREDENTIAL.fullmatch(request.headers.get("Authorization", ""))
        if not told or told["key"] != KEY_NAME or int(told["expires"]) < self.now():
            return False
        names = (told["args"] or "").split(";") if told["args"] else []
        if sorted(names) != names or {*names} != {*request.url.params}:
            return False
        values = "".join(request.url.params[name] for name in names)
        path, expires = request.url.path, told["expires"]
        head, tail = f"{request.method} {path}\n".encode(), f"\n{values}\n\n{expires}".encode()
        digest = hmac.digest(KEY_SECRET.encode(), head + request.content + tail, hashlib.sha256)
        return hmac.compare_digest(base64.b64decode(told["signature"]), digest)

    def _group(self, request: httpx.Request, rest: list[str]) -> httpx.Response:
        match request.method, *rest:
            case ["GET"]:
                brief = [{k: g[k] for k in ("id", "name")} for g in self.groups.values()]
                return httpx.Response(200, json={"security-groups": brief})
            case "GET", known if known in self.groups:
                return httpx.Response(200, json=self.groups[known])
            case ["POST"]:
                return self._new_group(json.loads(request.content))
            case "POST", known, "rules" if known in self.groups:
                body = json.loads(request.content)
                if errors := _errors("rule_order", body):
                    return _failed(400, errors)
                self.groups[known]["rules"].append(
                    {"id": id_of("rule", len(self.requests)), **body}
                )
                return self._begun(known, "get-security-group")
        return _failed(404, "Not Found")

    def _new_group(self, body: dict[str, Any]) -> httpx.Response:
        if errors := _errors("group_order", body):
            return _failed(400, errors)
        if body["name"] in {group["name"] for group in self.groups.values()}:
            return _failed(409, "Security Group exists")
        known = id_of("group", body["name"])
        self.groups[known] = {"id": known, "rules": [], **body}
        return self._begun(known, "get-security-group")

    def _create(self, zone: str, body: dict[str, Any], fault: Fault | None) -> httpx.Response:
        if errors := _errors("instance_order", body):
            return _failed(400, errors)
        wanted = body["instance-type"]["id"]
        found = [each for each in self.types if each["id"] == wanted and zone in each["zones"]]
        if not found or body["template"]["id"] != _templates(zone)[0]["id"]:
            return _failed(404, "Instance type or template not found")
        if not found[0]["authorized"]:
            return _failed(403, "Instance type is not authorized")
        if not {group["id"] for group in body.get("security-groups", [])} <= {*self.groups}:
            return _failed(404, "Security Group not found")
        known = id_of("instance", len(self.requests))
        if fault == "unavailable":
            return self._begun(known, "get-instance", "unavailable")
        self._made(zone, known, body, "error" if fault == "leftover" else "starting")
        return self._begun(known, "get-instance", "fault" if fault == "leftover" else "")

    def _made(self, zone: str, known: str, body: dict[str, Any], state: str) -> None:
        told = {name: value for name, value in body.items() if name != "auto-start"}
        self.held[known] = {"id": known, "zone": zone, "state": state, **told}
        self.lag_left[known] = self.listing_lag
        if state == "starting":
            self.start(known, body)

    def _instance(self, method: str, known: str) -> httpx.Response:
        if method == "GET":
            return httpx.Response(200, json=_told(self.held[known]))
        if method != "DELETE":
            return _failed(404, "Not Found")
        if not self.clings:
            self.stop(known)
            del self.held[known]
        return self._begun(known, "get-instance")

    def _begun(self, about: str, command: str, fails: str = "") -> httpx.Response:
        known = id_of("operation", len(self.requests))
        reference = {"id": about, "link": f"/v2/{command}/{about}", "command": command}
        done = {"state": "failure", "reason": fails} if fails else {"state": "success"}
        self.operations[known] = {"id": known, "reference": reference, **done}
        self.polls_left[known] = self.slow
        return httpx.Response(200, json=self._polled(known))

    def _polled(self, known: str) -> dict[str, Any]:
        operation = self.operations[known]
        if not self.polls_left[known]:
            return operation
        self.polls_left[known] -= 1
        return {"id": known, "state": "pending", "reference": operation["reference"]}

    def _visible(self, zone: str) -> list[dict[str, Any]]:
        here = [each for each in self.held.values() if each["zone"] == zone]
        shown = [_told(each) for each in here if not self.lag_left[each["id"]]]
        for each in here:
            self.lag_left[each["id"]] = max(0, self.lag_left[each["id"]] - 1)
        return shown

    def _in(self, zone: str, known: str) -> bool:
        return self.held.get(known, {}).get("zone") == zone

    def _refused(self, status: int, message: str) -> httpx.Response:
        limited = status == httpx.codes.TOO_MANY_REQUESTS and self.retry_after is not None
        headers = {"Retry-After": str(self.retry_after)} if limited else {}
        return httpx.Response(status, json={"message": message}, headers=headers)


def _place(request: httpx.Request) -> str:
    """`<zone>/v2/<path>`, whichever way the zone is told."""
    host = re.fullmatch(r"api-([a-z0-9-]+)\.exoscale\.com", request.url.host)
    return f"{host[1]}{request.url.path}" if host else request.url.path.removeprefix("/")


def _templates(zone: str) -> list[dict[str, Any]]:
    told = {"id": id_of("template", zone), "created-at": "2026-10-02T00:00:00Z"}
    older = {"id": id_of("older template", zone), "created-at": "2026-03-02T00:00:00Z"}
    name = {"name": "Linux Ubuntu 24.04 LTS 64-bit", "visibility": "public"}
    return [{**told, **name}, {**older, **name}]


def _told(instance: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in instance.items() if name != "zone"}


def _errors(name: str, body: dict[str, Any]) -> str:
    return "; ".join(error.message for error in VALIDATORS[name].iter_errors(body))


def _failed(status: int, message: str) -> httpx.Response:
    return httpx.Response(status, json={"message": message})
