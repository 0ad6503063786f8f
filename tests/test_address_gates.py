"""Both gates for addresses that people give judge alike and say so in the same words."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from serving import errors as serving_errors
from serving import outgoing as serving_gate
from serving import pipeline_errors
from windmill.scripts.provision import errors as worker_errors
from windmill.scripts.provision import outgoing as worker_gate

CASES = yaml.safe_load(Path(__file__).with_name("address_gate_cases.yaml").read_text("utf-8"))
EVIL = "http://169.254.169.254/latest/meta-data"


def in_serving(case: dict[str, Any]) -> str:
    settings = {"ALLOW_ADDRESSES": case.get("allow", ""), "ALLOW_ENDPOINTS": case.get("ours", "")}

    async def look_up(host: str, port: int) -> list[str]:
        return looked_up(case, host)

    own = look_up if "resolves" in case else serving_gate.resolve
    gate = serving_gate.Gate(serving_gate.Allowed.of(settings), own)
    return asyncio.run(gate.address(case["url"]))


def in_a_worker(case: dict[str, Any]) -> str:
    host, _, port = case.get("ours", ":0").rpartition(":")
    ours = {(host.strip("[]"), int(port))}
    allowed = worker_gate.Allowed.of(case.get("allow", ""), ours)
    if "resolves" not in case:
        return worker_gate.pinned_address(case["url"], allowed)
    return worker_gate.pinned_address(case["url"], allowed, lambda host, _: looked_up(case, host))


def looked_up(case: dict[str, Any], host: str) -> list[str]:
    assert host == case.get("asks", host)
    return list(case["resolves"])


GATES = [
    pytest.param(in_serving, serving_errors.AddressRefused, id="serving"),
    pytest.param(in_a_worker, worker_errors.AddressRefused, id="worker"),
]


@pytest.mark.parametrize(("judge", "refusal"), GATES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_both_gates_judge_an_address_alike(
    judge: Callable[[dict[str, Any]], str], refusal: type[Exception], case: dict[str, Any]
) -> None:
    if "calls" in case:
        assert judge(case) == case["calls"]
        return
    with pytest.raises(refusal) as caught:
        judge(case)
    told = str(caught.value)
    assert f"is not called: {case['refused']}" in told
    assert "secret" not in told
    assert told.startswith(case.get("tells", ""))


@pytest.mark.parametrize(("judge", "refusal"), GATES)
def test_a_long_address_is_not_told_whole(judge: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal) as caught:
        judge({"url": "ftp://a.example/" + "x" * 70_000})
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("judge", "problem"),
    [(in_serving, pipeline_errors.BadSetting), (in_a_worker, worker_errors.BadSetting)],
)
@pytest.mark.parametrize("setting", ["localhost", "10.0.0.1/8", "10.0.0.0/99"])
def test_a_setting_that_is_no_network_is_told(
    judge: Any, problem: type[Exception], setting: str
) -> None:
    with pytest.raises(problem, match="variable ALLOW_ADDRESSES cannot be used: "):
        judge({"url": "http://1.1.1.1/", "allow": setting})


@contextmanager
def redirecting(to: str) -> Iterator[tuple[str, list[str]]]:
    hosts: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hosts.append(self.headers["Host"])
            self.send_response(302)
            self.send_header("Location", to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://bücher.example:{server.server_port}/", hosts
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def status_in_serving(url: str) -> int:
    async def look_up(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async def status() -> int:
        gate = serving_gate.Gate(serving_gate.Allowed.of({"ALLOW_ADDRESSES": "127.0.0.1"}), look_up)
        async with gate.open("GET", url, seconds=10, headers={}) as answer:
            return answer.status_code

    return asyncio.run(status())


def status_in_a_worker(url: str) -> int:
    allowed = worker_gate.Allowed.of("127.0.0.1")
    return worker_gate.request("GET", url, allowed).status_code


@pytest.mark.slow
@pytest.mark.parametrize("status", [status_in_serving, status_in_a_worker])
def test_the_judged_address_is_called_by_its_name_and_a_redirect_is_not_followed(
    status: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = worker_gate.pinned_address
    monkeypatch.setattr(
        worker_gate, "pinned_address", lambda url, allowed: pin(url, allowed, local)
    )
    with redirecting(EVIL) as (url, hosts):
        assert status(url) == 302
    assert hosts == [url.split("/")[2].replace("bücher", "xn--bcher-kva")]


def local(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]
