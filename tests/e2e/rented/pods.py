"""Pods of the fake as real containers, behind a stand-in for RunPod's proxy."""

import shlex
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from tests.docker_engine.engine import BASE, Container, Engine

SERVER = Path(__file__).parent / "images" / "server.py"
PROGRAMS = {"vllm/vllm-openai": "vllm", "ollama/ollama": "ollama"}
DOCKERFILE = """\
FROM {base}
COPY server.py /server.py
ENTRYPOINT ["python3", "/server.py", "{program}"]
"""


@dataclass
class Pods:
    """Each create becomes `docker run` with what was asked, and nothing else."""

    engine: Engine
    containers: dict[str, Container] = field(default_factory=dict)

    def start(self, pod: Mapping[str, Any]) -> bool:
        """Whether its program stays up."""
        self._image(pod["image"])
        env = [f"--env={name}={value}" for name, value in pod["env"].items()]
        mount = f"--volume={pod['mounts']['persistent']['path']}"
        words = shlex.split(pod["args"])
        container = self.engine.run(pod["image"], *words, options=(*env, mount))
        self.containers[pod["id"]] = container
        with suppress(AssertionError):  # it ended already
            container.run("sleep", "0.5")
        return self.engine.docker("inspect", "--format={{.State.Running}}", container.id) == "true"

    def stop(self, pod_id: str) -> None:
        self.containers.pop(pod_id).remove()

    def _image(self, name: str) -> None:
        program = PROGRAMS[name.partition(":")[0]]
        self.engine.base_image()
        dockerfile = DOCKERFILE.format(base=BASE, program=program)
        self.engine.build(name, {"Dockerfile": dockerfile, "server.py": SERVER.read_text()})


@contextmanager
def proxy(pods: Pods) -> Iterator[str]:
    """Answers at `/<pod>-<port>/…` for the container's own port; as RunPod's, 404 for no Pod and
    502 for one that does not listen yet. Gives the address, with `{pod}` and `{port}` in it."""

    class Handler(BaseHTTPRequestHandler):
        def forward(self) -> None:
            _, place, path = self.path.split("/", 2)
            pod, _, port = place.rpartition("-")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if pod not in pods.containers:
                return self.tell(404, b"")
            url = f"http://{pods.containers[pod].address}:{port}/{path}"
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
