"""A stand-in for the proxy through which RunPod's machines answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from tests.e2e.rented.containers import Containers


@contextmanager
def proxy(machines: Containers) -> Iterator[str]:
    """Answers at `/<pod>-<port>/…` for the container's own port; as RunPod's, 404 for no Pod and
    502 for one that does not listen yet. Gives the address, with `{pod}` and `{port}` in it."""

    class Handler(BaseHTTPRequestHandler):
        def forward(self) -> None:
            _, place, path = self.path.split("/", 2)
            pod, _, port = place.rpartition("-")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if pod not in machines.running:
                return self.tell(404, b"")
            url = f"http://{machines.running[pod].address}:{port}/{path}"
            headers = {k: v for k, v in self.headers.items() if k.lower() != "host"}
            try:
                answer = httpx.request(self.command, url, headers=headers, content=body, timeout=30)
            except httpx.HTTPError:
                return self.tell(502, b"")
            return self.tell(answer.status_code, answer.content)

        do_GET = do_POST = forward

        def tell(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{{pod}}-{{port}}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
