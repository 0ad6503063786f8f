"""A real embedded engine with stand-in flows, a real registry, and the gateway in front."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from gateway.access.roles import Role
from gateway.access.windmill_scopes import token_lines
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.base.windmill_paths import use_path
from windmill.scripts.model.catalog.catalog import Catalog, read_entry
from windmill.scripts.model.compile.compile_catalog import compile_catalog
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.model.drawing.reading import ReadingReport
from windmill.scripts.store.registry import Registry

ROOT = Path(__file__).parents[2]
TOKEN = "engine-token-for-tests"
BY_ROLE = {role: f"engine-token-of-{role}s-for-tests" for role in Role}
SECRET = "a-secret-key-for-tests-only"
COMPONENTS = ROOT / "catalog" / "components"


@dataclass(frozen=True)
class Stack:
    engine_url: str
    registry_url: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": self.registry_url,
            "WINDMILL_API_URL": self.engine_url,
            **{f"WINDMILL_{role.upper()}_KEY": token for role, token in BY_ROLE.items()},
        }

    def windmill(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.engine_url}/api/w/mlops",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=30,
        )

    def started(self) -> list[str]:
        """Runs, without the jobs of their steps."""
        with self.windmill() as http:
            jobs = http.get("/jobs/list", params={"per_page": 1000}).json()
        return sorted(job["id"] for job in jobs if not job.get("parent_job"))

    def registry(self) -> Registry:
        return Registry(self.registry_url)

    def register(
        self,
        tracking_id: str,
        name: str,
        state: State | None = None,
        run_id: str | None = None,
        part_of: str = "",
    ) -> Deployment:
        """What the run's own steps do: a deployment that this run works on."""
        registry = self.registry()
        try:
            drawing = Pipeline.model_validate(
                {"name": name, "nodes": [{"id": "docs", "component": "documents"}]}
            )
            run = run_id or tracking_id
            found = registry.begin(drawing, run, tracking_id, lambda _: True, part_of)
            registry.assign_target(found.id, Target.local, {"api": 9000})
            registry.mark_changed(found.id)
            registry.publish(found.id, {"api": "http://127.0.0.1:9000"})
            registry.record(found.id, "configure", "supervisor accepted the programs")
            return registry.finish(found.id, state) if state else found
        finally:
            registry.engine.dispose()

    def record(self, deployment_id: str, step: str, message: str, level: str) -> None:
        registry = self.registry()
        try:
            registry.record(deployment_id, step, message, level)
        finally:
            registry.engine.dispose()

    def keep_report(self, deployment_id: str, report: ReadingReport) -> None:
        registry = self.registry()
        registry.keep_report(deployment_id, report)
        registry.engine.dispose()

    def begin_destroy(self, deployment_id: str, job_id: str) -> None:
        registry = self.registry()
        registry.begin_destroy(deployment_id, job_id, job_id, lambda _: True)
        registry.engine.dispose()

    def finish(self, deployment_id: str, state: State, error: str = "") -> None:
        registry = self.registry()
        registry.finish(deployment_id, state, error)
        registry.engine.dispose()


@contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    (folder / "token").write_text(f"{TOKEN}\n{token_lines(BY_ROLE)}")
    (folder / "token").chmod(0o600)
    with running_engine(folder) as url:
        stack = Stack(url, f"sqlite:///{folder}/registry.db")
        stack.registry().engine.dispose()
        push_stand_ins(stack)
        yield stack


@contextmanager
def running_engine(folder: Path) -> Iterator[str]:
    options = {
        "db": folder / "engine.db",
        "token-file": folder / "token",
        "cache": folder / "cache",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    arguments += ["--host=127.0.0.1", "--port=0", "--workspace=mlops", "--workers=3"]
    with (folder / "engine.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "engine", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout
    try:
        line = process.stdout.readline()
        assert "listening on " in line, (folder / "engine.log").read_text()
        yield line.split("listening on ")[1].strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def push_stand_ins(stack: Stack) -> None:
    stored = yaml.safe_load(Path(__file__).with_name("flows.yaml").read_text())
    components = {file.stem: yaml.safe_load(file.read_text()) for file in COMPONENTS.glob("*.yaml")}
    prices = yaml.safe_load((ROOT / "catalog" / "prices" / "2026-11-09.yaml").read_text())
    with stack.windmill() as http:
        post(http, "folders/create", {"name": "mlops"})
        for path, content in stored["scripts"].items():
            script = {"path": path, "content": content, "language": "python3", "lock": ""}
            post(http, "scripts/create", {**script, "summary": "", "description": "", "schema": {}})
        for path, flow in stored["flows"].items():
            body = {"path": path, "summary": "", "description": "", "schema": {}, **flow}
            post(http, "flows/create", body)
        for path, flow in compiled_catalog():
            post(http, "flows/create", {"path": path, **flow})
        kind = {"name": "mlops_files", "schema": {}, "description": ""}
        post(http, "resources/type/create", kind)
        for name, value in (("components", components), ("prices", prices)):
            asset = {"path": f"f/mlops/assets/{name}", "resource_type": "mlops_files"}
            post(http, "resources/create", {**asset, "value": value})


def compiled_catalog() -> Iterator[tuple[str, dict[str, Any]]]:
    catalog = Catalog()
    for document in yaml.safe_load(Path(__file__).with_name("meta_catalog.yaml").read_text()):
        entry, source = read_entry(yaml.safe_dump(document), f"{document['name']}.yaml")
        catalog = catalog.with_entry(entry, source)
    return ((use_path(key), flow) for key, flow in compile_catalog(catalog))


def post(http: httpx.Client, path: str, body: Any) -> None:
    response = http.post(f"/{path}", json=body)
    assert response.is_success, f"{path}: {response.status_code} {response.text}"


@contextmanager
def running_gateway(stack: Stack, folder: Path, **environment: str) -> Iterator[str]:
    port = free_port()
    with running_gateway_at(port, folder, {**stack.environment, **environment}):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running_gateway_at(port: int, folder: Path, environment: dict[str, str]) -> Iterator[None]:
    with (folder / "gateway.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
        )
    try:
        while not _answers(f"http://127.0.0.1:{port}"):
            assert process.poll() is None, (folder / "gateway.log").read_text()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/metrics").status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def drawing(**changes: Any) -> dict[str, Any]:
    """As a canvas sends it: two nodes, with what it needs for itself."""
    drawn = json.loads("""
    {"name": "my-rag",
     "nodes": [{"id": "docs", "component": "documents", "config": {"path": "/data"},
                "position": {"x": 1, "y": 2}, "selected": true},
               {"id": "chunks", "type": "custom", "data": {"component": "text-splitter"}}],
     "edges": [{"id": "e1", "source": "docs", "sourceHandle": "documents",
                "target": "chunks", "targetHandle": "documents"}],
     "viewport": {"zoom": 1}}""")
    return {**drawn, **changes}
