"""Questions to a deployed pipeline: words as they come, sources, and clear refusals."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cli.clients.endpoint import ask, endpoint_of, events, source_lines
from windmill.scripts.model.base.errors import NoAnswer

SOURCE = {"passage": "Two  weeks.\n", "document": "law.pdf", "page": 3, "score": 0.9}
Serve = Callable[[int, str], str]


def sse(*parts: tuple[str, Any]) -> str:
    return "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in parts)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A pipeline that answers every question with this."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, text: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                body = text.encode()
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.slow
def test_words_come_as_they_are_written_and_sources_last(serve: Serve) -> None:
    url = serve(
        200,
        sse(
            ("sources", {"sources": [SOURCE]}),
            ("token", {"text": "Two "}),
            ("token", {"text": "weeks."}),
            ("done", {"answer": "Two weeks.", "model": "smollm2", "seconds": 1.5}),
        ),
    )
    words: list[str] = []
    answer = ask("rag", url, "mk-1", "How long?", words.append)
    assert words == ["Two ", "weeks."]
    assert answer["answer"] == "Two weeks."
    assert list(source_lines(answer["sources"])) == ["[1] law.pdf, page 3", "    Two weeks."]


ERROR = {"error": {"code": "llm_down", "message": "The model is down.", "fix": "Look at its log."}}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [
        (200, sse(("sources", {"sources": []}), ("error", ERROR)), "The model is down."),
        (200, sse(("token", {"text": "Two"})), "the answer broke off"),
        (502, json.dumps(ERROR), "The model is down."),
        (500, "<html>oops</html>", "<html>oops</html>"),
    ],
    ids=["error event", "cut short", "refused", "not ours"],
)
def test_failures_say_why(serve: Serve, status: int, text: str, reason: str) -> None:
    with pytest.raises(NoAnswer) as refused:
        ask("rag", serve(status, text), "mk-1", "How long?", lambda _: None)
    assert refused.value.message == f"rag did not answer: {reason}"
    assert refused.value.fix


@pytest.mark.slow
def test_an_endpoint_that_is_gone_is_told() -> None:
    with pytest.raises(NoAnswer, match="does not answer"):
        ask("rag", "http://127.0.0.1:9", "mk-1", "How long?", lambda _: None)


def test_only_what_is_live_is_asked() -> None:
    live = {"name": "rag", "state": "live", "endpoint_url": "http://x/"}
    assert endpoint_of(live) == "http://x"
    with pytest.raises(NoAnswer, match="it is deploying"):
        endpoint_of({**live, "state": "deploying"})


@pytest.mark.slow
def test_events_may_be_split_and_commented() -> None:
    lines = [": ping", "event: token", 'data: {"a":', "data: 1}", "", "data: {}", ""]
    assert list(events(lines)) == [("token", {"a": 1}), ("message", {})]
