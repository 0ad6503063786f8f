"""A fake of a provider at an address of this machine, for clients that are not ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx


class _Handler(BaseHTTPRequestHandler):
    fake: httpx.BaseTransport

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        address = f"http://{self.headers['Host']}{self.path}"
        headers = list(self.headers.items())
        told = self.fake.handle_request(
            httpx.Request(self.command, address, headers=headers, content=self.rfile.read(length))
        )
        self.send_response(told.status_code)
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told.content)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the fake counts its requests itself."""


@contextmanager
def over_http(fake: httpx.BaseTransport) -> Iterator[str]:
    """Its address, without a slash at the end."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
