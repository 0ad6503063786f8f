"""A new kind of node is an added class: its routes, checks and documentation follow."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from serving.component import Component
from serving.port_types import Predictor
from tests.serving.support import live_api

pytestmark = pytest.mark.slow


class Lengths(Predictor):
    async def predict(self, inputs: Sequence[Any]) -> Sequence[Any]:
        return [len(value) for value in inputs]


class Classifier(Component):
    kind = "classifier"

    async def run(self) -> Predictor:
        return Lengths()


PIPELINE = {
    "name": "lengths",
    "deployment_id": "lengths-1",
    "nodes": [
        {"id": "model", "component": "classifier"},
        {"id": "api", "component": "api-endpoint"},
    ],
    "edges": [
        {
            "source": "model",
            "source_port": "predictor",
            "target": "api",
            "target_port": "predictor",
        }
    ],
}
EXTRA = {"classifier": Classifier}


def test_a_predictor_is_served_by_predict_and_batch_without_any_llm(tmp_path: Path) -> None:
    with live_api(PIPELINE, tmp_path, "", extra=EXTRA) as api:
        assert api.post("/predict", json={"input": "four"}).json() == {"output": 4}
        assert api.post("/batch", json={"inputs": ["a", "bb"]}).json() == {"outputs": [1, 2]}
        assert api.post("/batch", json={"inputs": []}).status_code == 422

        health = api.get("/health")
        assert (health.status_code, health.json()["llm"]) == (200, None)
        assert set(api.get("/openapi.json").json()["paths"]) == {
            "/predict", "/batch", "/health", "/metrics", "/reading",
        }  # fmt: skip
        assert "POST /predict" in api.post("/chat", json={}).json()["error"]["fix"]


class Broken(Component):
    kind = "classifier"

    async def run(self) -> Predictor:
        raise ZeroDivisionError


def test_a_bug_in_a_node_shows_in_health_instead_of_an_endless_start(tmp_path: Path) -> None:
    with live_api(PIPELINE, tmp_path, "", extra=EXTRA | {"classifier": Broken}) as api:
        health = api.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "unhealthy")
        assert api.post("/predict", json={"input": 1}).status_code == 503
