"""A Windmill to test: the embedded engine, or any other by --windmill-url and --windmill-token."""

import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

WORKSPACE = "mlops"
ROOT = Path(__file__).parents[2]
Doc = dict[str, Any]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--windmill-url", help="judge this Windmill instead of the embedded engine")
    parser.addoption("--windmill-token")


@dataclass
class Windmill:
    """The few calls tests make, over plain HTTP."""

    url: str
    token: str
    workspace: str = WORKSPACE

    def __post_init__(self) -> None:
        self.http = httpx.Client(
            base_url=f"{self.url}/api/w/{self.workspace}",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(path, params=query).raise_for_status().json()

    def post(self, path: str, body: Any = None, **query: Any) -> str:
        return self.http.post(path, json=body, params=query).raise_for_status().text

    def script(self, path: str, content: str, lock: str = "", **more: Any) -> str:
        """The hash: a new one, or that of the head where an earlier run posted the very same."""
        body = {"path": path, "content": content, "language": "python3", "summary": ""}
        sent = body | {"lock": lock, "auto_parent": True} | more
        answer = self.http.post("/scripts/create", json=sent)
        if answer.status_code == 400 and "same hash" in answer.text:
            head: str = self.get(f"/scripts/get/p/{path}")["hash"]
            return head
        return answer.raise_for_status().text

    def variable(self, path: str, value: str) -> None:
        body = {"path": path, "value": value, "is_secret": False, "description": ""}
        if self.http.post("/variables/create", json=body).is_error:  # of an earlier run
            self.post(f"/variables/update/{path}", body)

    def resource(self, path: str, value: Any) -> None:
        body = {"path": path, "value": value, "resource_type": "any"}
        self.post("/resources/create", body, update_if_exists=True)

    def flow(self, path: str, value: Doc) -> None:
        body = {"path": path, "summary": "", "value": value}
        known = self.get(f"/flows/exists/{path}")
        self.post(f"/flows/update/{path}" if known else "/flows/create", body)

    def start_flow(self, value: Doc, args: Doc | None = None, **query: Any) -> str:
        return self.post("/jobs/run/preview_flow", {"value": value, "args": args or {}}, **query)

    def start_script(self, path: str, args: Doc | None = None, **query: Any) -> str:
        return self.post(f"/jobs/run/p/{path}", args or {}, **query)

    def preview(self, content: str, args: Doc | None = None, **body: Any) -> Doc:
        request = {"content": content, "language": "python3", "args": args or {}, **body}
        return self.ended(self.post("/jobs/run/preview", request))

    def run_flow(self, value: Doc, args: Doc | None = None) -> Doc:
        return self.ended(self.start_flow(value, args))

    def job(self, job_id: str) -> Doc:
        found: Doc = self.get(f"/jobs_u/get/{job_id}")
        return found

    def until(self, job_id: str, condition: Callable[[Doc], Any], seconds: float = 30) -> Doc:
        deadline = time.monotonic() + seconds
        while not condition(job := self.job(job_id)):
            assert time.monotonic() < deadline, f"still not so after {seconds} s: {job}"
            time.sleep(0.02)
        return job

    def ended(self, job_id: str) -> Doc:
        return self.until(job_id, lambda job: job["type"] == "CompletedJob")

    def own_steps(self, flow: Doc) -> Iterator[tuple[str, Doc]]:
        """The steps that ran in a flow job, as its `flow_status` tells: id and job, in order.
        A handler's copy in a branch or loop has a longer id; it is told as `failure`."""
        status = flow.get("flow_status") or {}
        outside = (status.get("preprocessor_module"), status.get("failure_module"))
        for state in (*status.get("modules", ()), *outside):
            for job_id in _jobs_of(state) if state else ():
                yield re.sub(r"^failure(-\d+)+$", "failure", state["id"]), self.job(job_id)

    def steps(self, flow: Doc) -> Iterator[tuple[str, Doc]]:
        """Those of all flows, loops and branches below it, too."""
        for step, job in self.own_steps(flow):
            yield step, job
            yield from self.steps(job)

    def tree(self, job_id: str) -> Iterator[Doc]:
        for child in self.get("/jobs/list", parent_job=job_id):
            yield child
            yield from self.tree(child["id"])


def _jobs_of(state: Doc) -> list[str]:
    if state["type"] in ("WaitingForPriorSteps", "WaitingForEvents"):
        return list(state.get("failed_retries") or ())
    last = state.get("flow_jobs") or [state.get("job")]
    ids = [*(state.get("failed_retries") or ()), *last]
    return [each for each in ids if each and set(each) != {"0", "-"}]


@dataclass
class EngineProcess:
    folder: Path
    cache: Path
    options: list[str] = field(default_factory=list)
    fault: int | None = None
    token: str = "the-token"

    def start(self) -> "Windmill | None":
        """None when the engine died before it could listen."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "token").write_text(self.token)
        environment = os.environ | {"CANARY_OF_THE_HOST": "1"}
        environment |= {"ENGINE_FAULT_AT": str(self.fault)} if self.fault else {}
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "engine",
                    "--db",
                    str(self.folder / "db"),
                    "--port",
                    "0",
                    "--token-file",
                    str(self.folder / "token"),
                    "--cache",
                    str(self.cache),
                    *self.options,
                ],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout
        line = self.process.stdout.readline()
        self.windmill = Windmill(line.split()[-1], self.token) if line else None
        return self.windmill

    def kill(self) -> None:
        self.process.kill()
        self._reap()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self._reap()

    def _reap(self) -> int:
        assert self.process.stdout
        code = self.process.wait(20)
        self.process.stdout.close()
        if self.windmill:
            self.windmill.http.close()
        return code


@pytest.fixture(scope="session")
def engine_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("engine-cache")


@pytest.fixture(scope="session")
def windmill(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, engine_cache: Path
) -> Iterator[Windmill]:
    if url := request.config.getoption("--windmill-url", default=None):
        other = Windmill(url, request.config.getoption("--windmill-token"))
        with other.http:
            yield other
        return
    folder = tmp_path_factory.mktemp("engine")
    (folder / "env").write_text("# given to jobs\nFROM_ENV_FILE=yes\n")
    options = ["--kill-grace", "5", "--env-file", str(folder / "env")]
    process = EngineProcess(folder, engine_cache, options)
    started = process.start()
    assert started, (folder / "log").read_text()
    with started.http:
        yield started
    process.stop()


@pytest.fixture
def new_engine(tmp_path: Path, engine_cache: Path) -> Iterator[Callable[..., EngineProcess]]:
    """Makes engines of one's own, on one database; what still runs at the end is killed."""
    made: list[EngineProcess] = []

    def make(*options: str, fault: int | None = None) -> EngineProcess:
        made.append(EngineProcess(tmp_path / "engine", engine_cache, list(options), fault))
        return made[-1]

    yield make
    for engine in made:
        if hasattr(engine, "process"):
            engine.kill()


@pytest.fixture
def engines_at(engine_cache: Path) -> Callable[..., EngineProcess]:
    """As `new_engine`, in a folder of choice and stopped by the test itself."""

    def make(folder: Path, fault: int | None = None) -> EngineProcess:
        return EngineProcess(folder, engine_cache, fault=fault)

    return make


@pytest.fixture
def unique() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def raw() -> Callable[..., Doc]:
    """Makes rawscript values; `=…` is an expression, anything else a static value."""

    def make(content: str, **transforms: Any) -> Doc:
        how = {name: _transform(value) for name, value in transforms.items()}
        value = {"type": "rawscript", "language": "python3", "content": content}
        return value | {"input_transforms": how}

    return make


def _transform(value: Any) -> Doc:
    if isinstance(value, str) and value.startswith("="):
        return {"type": "javascript", "expr": value[1:]}
    return {"type": "static", "value": value}


@pytest.fixture
def job_id() -> str:
    """An id of one's own: it finds the job whatever the call that starts it answers."""
    return str(uuid.uuid4())
