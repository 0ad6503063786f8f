"""What n8n talks to: an SMTP server, an incoming webhook and a feed."""

import email
import email.message
import email.policy
import json
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar


class SmtpSink(socketserver.ThreadingTCPServer):
    """Takes every mail, as RFC 5321 has it, without TLS or login."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.mails: list[email.message.EmailMessage] = []

    def mails_about(self, name: str) -> list[email.message.EmailMessage]:
        return [mail for mail in self.mails if mail["subject"].startswith(f"{name}:")]

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Smtp(socketserver.StreamRequestHandler):
    server: SmtpSink

    def handle(self) -> None:
        self._say("220 sink")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                self._take_mail()
            self._say("221 bye" if verb == b"QUIT" else "250 ok")
            if verb == b"QUIT":
                return

    def _take_mail(self) -> None:
        lines = list(iter(self.rfile.readline, b".\r\n"))
        text = b"".join(line.removeprefix(b".") for line in lines)
        self.server.mails.append(email.message_from_bytes(text, policy=email.policy.default))

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class ChannelSink(ThreadingHTTPServer):
    """An incoming webhook; answers with `status`."""

    def __init__(self, answer: bytes = b"ok") -> None:
        super().__init__(("127.0.0.1", 0), _Channel)
        self.answer = answer
        self.messages: list[Any] = []
        self.paths: list[str] = []
        self.status = 200

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def sent_to(self, path: str) -> list[Any]:
        return [told for at, told in zip(self.paths, self.messages, strict=True) if at == path]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/services/T1/B2/channel-secret"


class _Channel(BaseHTTPRequestHandler):
    server: ChannelSink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.server.status == 200:
            self.server.paths.append(self.path)
            self.server.messages.append(json.loads(body))
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None:
        return


FEED = (Path(__file__).parent / "feed.xml").read_bytes()
WITHOUT_ENTRIES = re.sub(b"<item>.*</item>", b"", FEED, flags=re.DOTALL)


class FeedSource(ThreadingHTTPServer):
    """A website's feed; `?empty` has no entries, `?broken` is no feed."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Feed)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/feed"


class _Feed(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        bodies = {"empty": WITHOUT_ENTRIES, "broken": b"<html>no feed</html>"}
        self.send_response(200)
        self.send_header("content-type", "application/rss+xml")
        self.end_headers()
        self.wfile.write(bodies.get(self.path.partition("?")[2].partition("&")[0], FEED))

    def log_message(self, *_: object) -> None:
        return


Sink = TypeVar("Sink", bound=socketserver.BaseServer)


@contextmanager
def served(sink: Sink) -> Iterator[Sink]:
    thread = threading.Thread(target=lambda: sink.serve_forever(poll_interval=0.05))
    thread.start()
    try:
        yield sink
    finally:
        sink.shutdown()
        sink.server_close()
        thread.join()
