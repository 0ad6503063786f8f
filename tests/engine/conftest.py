"""A Windmill to test: the embedded engine, or any other by --windmill-url and --windmill-token."""

import os
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

    def script(self, path: str, content: str, lock: str = "") -> str:
        body = {
            "path": path,
            "content": content,
            "language": "python3",
            "summary": "",
            "lock": lock,
        }
        return self.post("/scripts/create", body | {"auto_parent": True})

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

    def tree(self, job_id: str) -> Iterator[Doc]:
        for child in self.get("/jobs/list", parent_job=job_id):
            yield child
            yield from self.tree(child["id"])


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
        yield Windmill(url, request.config.getoption("--windmill-token"))
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
