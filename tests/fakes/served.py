"""A provider's fake over real HTTP on loopback, for programs that take no transport."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

NOT_FORWARDED = {"content-length", "connection", "transfer-encoding"}


@contextmanager
def served(fake: httpx.BaseTransport) -> Iterator[str]:
    """Gives its address. Where the fake raises, the connection is closed without an answer."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(fake: httpx.BaseTransport) -> type[BaseHTTPRequestHandler]:
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            url = f"http://{self.headers['Host']}{self.path}"
            request = httpx.Request(self.command, url, headers=self.headers.items(), content=body)
            try:
                with one_at_a_time:
                    answer = fake.handle_request(request)
            except httpx.TransportError:
                return
            self._send(answer)

        do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = handle_any

        def _send(self, answer: httpx.Response) -> None:
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name not in NOT_FORWARDED:
                    self.send_header(name, value)
            if answer.status_code != httpx.codes.NO_CONTENT:
                self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    return Handler
