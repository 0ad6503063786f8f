"""The way to a Service: a program in kubectl's place says where it listens, as kubectl does."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from windmill.scripts.provision.reach import Reach
from windmill.scripts.targets.k3s.cluster import Cluster
from windmill.scripts.targets.k3s.forward import Forward, forwarded

pytestmark = pytest.mark.slow
SERVICE = "http://api.churn-1.svc:8000"
LISTENING = """\
#!/bin/sh
echo "$$ $*" >> "{log}"
echo "Forwarding from 127.0.0.1:{port} -> 8000"
exec sleep 60
"""
NO_POD = """\
#!/bin/sh
echo "error: unable to forward port because pod is not running. Current status=Pending" >&2
exit 1
"""


class WhoWasAsked(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"{self.headers['host']} {self.path}".encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), WhoWasAsked)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05))
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def put(folder: Path, program: str, **values: object) -> None:
    file = folder / "kubectl"
    file.write_text(program.format(**values) if values else program)
    file.chmod(0o755)


def forward(folder: Path) -> Forward:
    return Forward(Cluster("https://10.0.0.7", folder / "config"), "churn-1", "api", 8000)


def started(folder: Path) -> list[tuple[int, str]]:
    lines = (folder / "log").read_text().splitlines()
    return [(int(line.split()[0]), line) for line in lines]


def test_a_request_keeps_the_name_it_was_sent_to(folder: Path, port: int) -> None:
    put(folder, LISTENING, log=folder / "log", port=port)
    cluster = Cluster("https://10.0.0.7", folder / "config")
    with forwarded(cluster, "churn-1", "api", 8000) as way:
        with Reach({SERVICE: way}).client(5) as client:
            for _ in range(2):
                assert client.get(f"{SERVICE}/health").text == "api.churn-1.svc:8000 /health"
        ((pid, line),) = started(folder)
        assert "--namespace=churn-1 service/api :8000" in line
    assert not Path(f"/proc/{pid}").exists()


def test_one_that_ended_is_opened_again(folder: Path, port: int) -> None:
    put(folder, LISTENING, log=folder / "log", port=port)
    way = forward(folder)
    client = httpx.Client(mounts={SERVICE: way}, trust_env=False)
    assert client.get(f"{SERVICE}/a").is_success
    assert way._process
    way._process.kill()
    way._process.wait()
    assert client.get(f"{SERVICE}/b").is_success
    way.end()
    assert len(started(folder)) == 2


def test_where_no_pod_runs_nobody_answers(folder: Path) -> None:
    put(folder, NO_POD)
    client = httpx.Client(mounts={SERVICE: forward(folder)}, trust_env=False)
    with pytest.raises(httpx.ConnectError, match="pod is not running"):
        client.get(f"{SERVICE}/health")
