import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from windmill.scripts.worker.instance import run_is_over

JOBS = {"done": "CompletedJob", "under-way": "QueuedJob"}


class Windmill(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        job = self.path.removeprefix("/api/w/mlops/jobs_u/get/")
        self.send_response(500 if job == "trouble" else 200 if job in JOBS else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"type": JOBS.get(job)}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def windmill(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", 0), Windmill)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("BASE_INTERNAL_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("WM_TOKEN", "token")
    monkeypatch.setenv("WM_WORKSPACE", "mlops")
    yield
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("job", "over"), [("done", True), ("under-way", False), ("lost", True)])
def test_a_run_is_over_when_its_job_has_ended_or_is_no_longer_known(job: str, over: bool) -> None:
    assert run_is_over(job) is over


def test_a_windmill_in_trouble_does_not_make_a_run_end() -> None:
    with pytest.raises(httpx.HTTPStatusError):
        run_is_over("trouble")
