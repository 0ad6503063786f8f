"""No request, however odd, makes a pipeline's API fail or answer what its document does not say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.security.http_attack import findings
from tests.serving.conftest import examples_are_data
from tests.serving.learning.chains import DATA, chain
from tests.serving.llm_double import LlmDouble
from tests.serving.support import chatbot, live_api, served

__all__ = ["examples_are_data"]
pytestmark = [pytest.mark.slow, pytest.mark.fuzz]


def table(name: str) -> tuple[str, dict[str, Any]]:
    return "table", {"path": str(DATA / name)}


def _documents(folder: Path) -> Path:
    (folder / "a.md").write_text("A GPU may stay idle for three days.")
    return folder / "a.md"


def _rows(folder: Path) -> Path:
    (folder / "rows.jsonl").write_text('{"id": 1, "text": "a"}\n')
    return folder / "rows.jsonl"


PIPELINES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "chat": lambda folder: chatbot(_documents(folder)),
    "embeddings": lambda _: served("embedding-model", "embedder"),
    "summarizer": lambda _: served("summarizer", "summarizer"),
    "gateway to models": lambda _: served("llm-gateway", "completions"),
    "batch": lambda folder: served(
        "batch-inference", "job", input=str(_rows(folder)), prompt="Name {text}."
    ),
    "table": lambda _: chain(table("readings.csv"), ("anomaly-detector", {"ignore": ["minute"]})),
    "time series": lambda _: chain(
        table("visitors.csv"), ("forecaster", {"time_column": "day", "value_column": "visitors"})
    ),
    "images": lambda _: chain(("images", {"path": str(DATA / "shapes")}), ("image-classifier", {})),
}


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_a_pipeline_answers_every_request_as_its_document_says(
    pipeline: str, tmp_path: Path
) -> None:
    llm = LlmDouble()
    with live_api(PIPELINES[pipeline](tmp_path), tmp_path / "data", llm.url) as api:
        document = api.get("/openapi.json").json()
        found = findings(document, str(api.base_url))
    llm.close()
    assert found == []
