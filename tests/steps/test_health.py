import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from windmill.scripts.model.base.errors import CannotStart, NotHealthy
from windmill.scripts.provision.health import Probe, left_out, reading_of, wait_until_healthy

pytestmark = pytest.mark.slow


class Service:
    """Answers in turn what it was told to; the last answer stays."""

    def __init__(self, *answers: tuple[int, dict[str, Any]]) -> None:
        self.answers = list(answers)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = outer.answers[0] if len(outer.answers) == 1 else outer.answers.pop(0)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/health"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()


Serve = Callable[..., Service]


@pytest.fixture
def serve() -> Iterator[Serve]:
    made: list[Service] = []

    def make(*answers: tuple[int, dict[str, Any]]) -> Service:
        made.append(Service(*answers))
        return made[-1]

    yield make
    for service in made:
        service.server.shutdown()
        service.server.server_close()
        service.thread.join()


def test_it_waits_until_every_service_answers_and_says_what_it_waits_for(serve: Serve) -> None:
    slow = serve((503, {"reason": "3 of 9 chunks"}), (503, {"reason": "9 of 9 chunks"}), (200, {}))
    fast = serve((200, {}))
    said: list[str] = []
    probes = [Probe("api", slow.url, Path("x")), Probe("litellm", fast.url, Path("y"))]
    assert set(wait_until_healthy(probes, 30, said.append)) == {"api", "litellm"}
    assert said[:1] == ["api: 3 of 9 chunks"]
    assert "api: 9 of 9 chunks" in said


def test_of_several_copies_behind_one_address_each_must_answer(serve: Serve) -> None:
    def copies(answering: int) -> tuple[int, dict[str, Any]]:
        return 200, {"copies": {"wanted": 3, "answering": answering}}

    said: list[str] = []
    service = serve(copies(1), copies(2), copies(3))
    wait_until_healthy([Probe("api", service.url, Path("x"))], 30, said.append)
    assert said[:2] == ["api: 1 of 3 copies answer", "api: 2 of 3 copies answer"]
    with pytest.raises(NotHealthy, match="2 of 3 copies answer"):
        wait_until_healthy([Probe("api", serve(copies(2)).url, Path("x"))], 0.1, said.append)
    one = serve((200, {"copies": None}))
    assert wait_until_healthy([Probe("api", one.url, Path("x"))], 0.1, said.append)


def test_what_is_healthy_at_once_is_not_waited_for(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = serve((200, {}))
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it waits"))
    assert wait_until_healthy([Probe("api", service.url, Path("x"))], 30, lambda _: None)


def test_a_service_that_never_answers_is_named_with_its_reason_and_the_end_of_its_log(
    serve: Serve, tmp_path: Path
) -> None:
    log = tmp_path / "litellm.log"
    log.write_text("\n".join(f"line {n}" for n in range(20)))
    kept: list[str] = []
    good, bad = serve((200, {})), serve((500, {}))
    probes = [Probe("api", good.url, tmp_path / "api.log"), Probe("litellm", bad.url, log)]
    with pytest.raises(NotHealthy) as caught:
        wait_until_healthy(probes, 0.5, lambda _: None, tell_log=kept.extend)
    assert kept == [f"line {n}" for n in range(20)]
    text = str(caught.value)
    assert text.startswith("litellm was not healthy")
    assert "answers 500" in text
    assert "line 19" in text
    assert "line 10" not in text


def test_a_service_that_cannot_start_is_not_waited_for(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reason = "1 of the documents cannot be read: a.pdf: not a readable PDF."
    (log := tmp_path / "api.log").write_text("reading a.pdf\n")
    kept: list[str] = []
    bad = serve((503, {"reason": reason, "failed": True, "failed_node": "docs"}))
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it waits"))
    with pytest.raises(CannotStart) as caught:
        wait_until_healthy([Probe("api", bad.url, log)], 30, print, tell_log=kept.extend)
    assert caught.value.message == f"api cannot start: {reason}"
    assert caught.value.where == "node docs"
    assert kept == ["reading a.pdf"]
    assert "api.log" not in str(caught.value)  # it goes with the deployment


def test_a_reason_is_bounded(serve: Serve) -> None:
    bad = serve((503, {"reason": "row 2 is bad; " * 1000, "failed": True}))
    with pytest.raises(CannotStart) as caught:
        wait_until_healthy([Probe("api", bad.url, Path("api.log"))], 30, print)
    assert len(str(caught.value)) < 2500


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ({"skipped_documents": ["a.jpg: not read"]}, ["a.jpg: not read"]),
        ({"skipped_documents": None}, []),
        ({}, []),
    ],
)
def test_what_was_left_out_is_asked_of_the_pipeline(
    serve: Serve, answer: dict[str, Any], lines: list[str]
) -> None:
    assert left_out(Probe("api", serve((200, answer)).url, Path("x"))) == lines


SOURCE = {"node": "docs", "kind": "file", "given": 2, "read": 1, "left_out": {"file": 1}}
LEFT = {"kind": "file", "where": "scan.pdf", "reason": "has no text", "count": 1}


def test_the_report_of_what_was_read_is_asked_and_cut_to_its_bounds(serve: Serve) -> None:
    endless = {**LEFT, "reason": "x" * 10_000}
    answer = {"sources": [{**SOURCE, "listed": [LEFT, endless] * 100}]}
    report = reading_of(Probe("api", serve((200, answer)).url, Path("x")))
    assert report is not None
    (source,) = report.sources
    assert (source.given, source.read, len(source.listed)) == (2, 1, 100)
    assert (source.listed[0].where, len(source.listed[1].reason)) == ("scan.pdf", 500)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {}),
        (503, {"reason": "reads"}),
        (200, {"sources": "none"}),
        (200, {"sources": [{**SOURCE, "read": -1, "listed": []}]}),
        (200, {"sources": [], "more": "x" * 5_000_000}),
    ],
)
def test_what_is_no_report_is_none_and_fails_nothing(
    serve: Serve, status: int, body: dict[str, Any]
) -> None:
    assert reading_of(Probe("api", serve((status, body)).url, Path("x"))) is None


def test_a_service_that_makes_progress_is_waited_for_longer_than_the_patience(serve: Serve) -> None:
    steps = [(503, {"reason": f"{n} of 9 chunks"}) for n in range(9)]
    busy = serve(*steps, (200, {}))
    probes = [Probe("api", busy.url, Path("x"))]
    assert wait_until_healthy(probes, 0.5, lambda _: None)["api"] > 0.5


def test_a_service_that_starts_again_and_again_is_given_up(serve: Serve) -> None:
    loop = serve(*[(503, {"reason": word}) for word in ("starting", "reading") * 40])
    with pytest.raises(NotHealthy, match=r"reading|starting"):
        wait_until_healthy([Probe("api", loop.url, Path("x"))], 0.7, lambda _: None)
