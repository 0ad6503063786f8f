"""Pipelines in a row, each node's one output into the next node's input of that name."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from serving.components import load_components
from tests.serving.support import live_api

DATA = Path(__file__).parents[3] / "examples" / "data"


def chain(*nodes: tuple[str, Mapping[str, Any]]) -> dict[str, Any]:
    kinds = load_components()
    line = [*nodes, ("api-endpoint", {})]
    edges = []
    for (source, _), (target, _) in pairwise(line):
        (port,) = kinds[source].outputs()
        edges.append({"source": source, "source_port": port, "target": target, "target_port": port})
    return {
        "name": "chain",
        "deployment_id": "chain-1",
        "nodes": [{"id": kind, "component": kind, "config": config} for kind, config in line],
        "edges": edges,
    }


@contextmanager
def served(folder: Path, *nodes: tuple[str, Mapping[str, Any]]) -> Iterator[httpx.Client]:
    with live_api(chain(*nodes), folder, "") as client:
        yield client


def told(client: httpx.Client) -> str:
    """Why it is not healthy."""
    health = client.get("/health")
    assert health.status_code == 503
    return str(health.json()["reason"])
