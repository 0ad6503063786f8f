"""A catalog whose gateways have backends that cannot be ones is told so, before it is deployed."""

from pathlib import Path

import pytest

from windmill.scripts.model.base.errors import Problem
from windmill.scripts.model.catalog.catalog import read_entry
from windmill.scripts.model.check.check_catalog import check_catalog, load_catalog

CATALOG = load_catalog(Path(__file__).parents[3] / "catalog")
USE = """
kind: meta-pipeline
name: house-models
version: 1.0.0
summary: A gateway over models of our own
steps:
  - id: llm
    use: pipelines/llm-gateway
    with:
      backends: [{%s}]
"""


def problems(backend: str) -> list[Problem]:
    entry, source = read_entry(USE % backend, "meta-pipelines/house-models.yaml")
    return check_catalog(CATALOG.with_entry(entry, source))


def test_a_backend_with_an_address_a_model_and_a_key_s_name_is_fine() -> None:
    assert problems("base_url: https://llm.example/v1, model: big, key: big_one") == []


@pytest.mark.parametrize(
    "backend",
    [
        "base_url: 'https://user:pw@llm.example/v1', model: big",
        "base_url: 'https://llm.example/v1?key=x', model: big",
        "base_url: llm.example, model: big",
        "base_url: https://llm.example/v1",
        "base_url: https://llm.example/v1, model: big, key: sk-1234",
        "base_url: https://llm.example/v1, model: big, api_key: sk-1234",
    ],
)
def test_one_that_is_none_is_told_with_its_place(backend: str) -> None:
    (problem,) = problems(backend)
    assert "backends" in problem.message + problem.field
    assert problem.line
