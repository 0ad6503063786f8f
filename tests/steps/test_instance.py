import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from windmill.scripts.worker.instance import given_by, run_is_over

JOBS = {"done": "CompletedJob", "under-way": "QueuedJob"}
MODULES = [{"id": "Target", "job": "asked"}, {"id": "B", "job": "checked"}, {"id": "later"}]
WHOLE = {
    "root": {"type": "QueuedJob", "flow_status": {"modules": MODULES}},
    "checked": {"type": "CompletedJob", "result": {"shares": [1]}},
}


class Windmill(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        job = self.path.removeprefix("/api/w/mlops/jobs_u/get/")
        known = job in JOBS or job in WHOLE
        self.send_response(500 if job == "trouble" else 200 if known else 404)
        self.end_headers()
        self.wfile.write(json.dumps(WHOLE.get(job, {"type": JOBS.get(job)})).encode())

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


@pytest.mark.parametrize(
    ("root", "step", "gives"),
    [
        ("root", "B", {"shares": [1]}),
        ("root", "later", {}),
        ("root", "Target", {}),
        ("root", "none", {}),
        ("done", "B", {}),
        ("lost", "B", {}),
    ],
)
def test_what_a_step_of_the_whole_run_gave_is_nothing_where_it_gave_nothing(
    root: str, step: str, gives: dict[str, list[int]]
) -> None:
    assert given_by(root, step) == gives
