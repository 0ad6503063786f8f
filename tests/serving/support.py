"""What the tests of serving share: a handbook, its pipeline, and a live API in this process."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fpdf import FPDF

from serving.api.access import Access
from serving.api.app import OPEN_TO_ALL, create_app
from serving.component import Component
from serving.components import load_components
from serving.graph import wire
from serving.models.llm import Llm
from serving.pipeline import Pipeline
from serving.runtime import Runtime
from tests.serving.llm_double import KEY

PAGES = [
    "Welcome to Northwind Labs. The office opens at 7:30 and closes at 20:00. Badges are handed "
    "out at reception by Maria Keller. Lunch is served between 11:45 and 13:30 upstairs.",
    "Rules for machines. A team may rent at most four GPUs at once. The monthly budget of a team "
    "is 1,850 euros. Backups of the training data run every night and are kept for 90 days.",
    "Returning machines. A rented GPU may stay idle for three days; after that it is returned "
    "automatically. The reservation code for the spring workshop is QX-4471.",
    "Travel. Hotels may cost up to 140 euros a night. Receipts are handed in within two weeks.",
]
LINE = ["documents", "text-splitter", "embeddings", "vector-store", "llm-chat", "api-endpoint"]
PORTS = ["documents", "chunks", "vectors", "retriever", "chat"]
INPUTS = ["documents", "chunks", "vectors", "context", "chat"]


def write_pdf(path: Path, pages: list[str], password: str | None = None) -> Path:
    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    if password is not None:
        pdf.set_encryption(owner_password="owner", user_password=password)
    for text in pages:
        pdf.add_page()
        pdf.multi_cell(0, 7, text)
    pdf.output(str(path))
    return path


def chatbot(documents: Path, **configs: Mapping[str, Any]) -> dict[str, Any]:
    """pipeline.json as the platform writes it; a node's id is its component's name."""
    nodes: list[dict[str, Any]] = [{"id": kind, "component": kind, "config": {}} for kind in LINE]
    nodes[0]["config"] = {"path": str(documents)}
    for node in nodes:
        node["config"] |= configs.get(str(node["id"]).replace("-", "_"), {})
    edges = [
        {"source": LINE[at], "source_port": port, "target": LINE[at + 1], "target_port": target}
        for at, (port, target) in enumerate(zip(PORTS, INPUTS, strict=True))
    ]
    return {
        "name": "rag-chatbot",
        "deployment_id": "rag-chatbot-3f9a2c",
        "revision": 2,
        "nodes": nodes,
        "edges": edges,
    }


def served(component: str, port: str, **config: Any) -> dict[str, Any]:
    """pipeline.json of one node and the endpoint that serves it."""
    return {
        "name": component,
        "deployment_id": f"{component}-3f9a2c",
        "nodes": [
            {"id": "model", "component": component, "config": config},
            {"id": "api", "component": "api-endpoint"},
        ],
        "edges": [{"source": "model", "source_port": port, "target": "api", "target_port": port}],
    }


@contextmanager
def live_api(
    content: Mapping[str, Any],
    data_dir: Path,
    llm_url: str,
    *,
    extra: Mapping[str, type[Component]] | None = None,
    silence_seconds: float = 20,
    key: str = KEY,
    access: Access = OPEN_TO_ALL,
    wait: bool = True,
) -> Iterator[httpx.Client]:
    pipeline = Pipeline.model_validate(content)
    graph = wire(pipeline, load_components() | dict(extra or {}))
    runtime = Runtime(graph, Llm(llm_url, key, silence_seconds), data_dir)
    app = create_app(pipeline, runtime, cost_per_hour=0.5, access=access)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        running(uvicorn.Server(uvicorn.Config(app, log_config=None)), listener),
        httpx.Client(
            base_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            headers={"Authorization": f"Bearer {access.key}"} if access.key else {},
            timeout=120,
            trust_env=False,
        ) as client,
    ):
        until(lambda: runtime.ready or runtime.failure is not None or not wait, 120)
        yield client


@contextmanager
def running(server: uvicorn.Server, listener: socket.socket) -> Iterator[None]:
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "the server does not stop"


def until(condition: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def samples(client: httpx.Client, name: str) -> dict[str, float]:
    """Of one metric: labels as printed → value."""
    lines = client.get("/metrics").text.splitlines()
    found = (line.rsplit(" ", 1) for line in lines if line.partition("{")[0] == name)
    return {labels: float(value) for labels, value in found}
