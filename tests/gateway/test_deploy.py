"""Deploying: what is started, what is refused, and that nothing is started twice."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.gateway.conftest import Until
from tests.gateway.stack import Stack, drawing

REFUSALS = yaml.safe_load(Path(__file__).with_name("refusals.yaml").read_text())
CATALOG = {"pipeline": "rag-chatbot", "inputs": {"documents": "/data"}, "target": "local"}


async def deploy(
    api: httpx.AsyncClient, body: dict[str, Any], key: str | None = None
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await api.post("/pipelines/deploy", json=body, headers=headers)


@pytest.mark.parametrize("name", ["rag-chatbot", "pipelines/rag-chatbot"])
async def test_a_catalog_pipeline_is_started_by_name(
    api: httpx.AsyncClient, until: Until, name: str
) -> None:
    answer = await deploy(api, {**CATALOG, "pipeline": name})
    assert answer.status_code == 202
    accepted = answer.json()
    assert (accepted["pipeline"], accepted["name"]) == ("rag-chatbot", "rag-chatbot")
    assert accepted["status_url"] == f"http://127.0.0.1/pipelines/{accepted['id']}/status"
    assert (await api.get(accepted["status_url"])).json()["id"] == accepted["id"]
    await until(accepted["id"], "live")


async def test_the_versioned_address_names_itself(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/v1/pipelines/deploy", json=CATALOG)
    assert "/api/v1/pipelines/" in answer.json()["status_url"]


@pytest.mark.parametrize(
    "body", [CATALOG, drawing(deployment_target="local")], ids=["entry", "drawn"]
)
async def test_the_permission_to_spend_reaches_the_flow(
    api: httpx.AsyncClient, stack: Stack, body: dict[str, Any]
) -> None:
    answer = await deploy(api, {**body, "max_hourly_usd": 0.8})
    assert answer.status_code == 202, answer.text
    with stack.windmill() as windmill:
        job = windmill.get(f"/jobs_u/get/{answer.json()['id']}").json()
    assert job["args"]["max_hourly_usd"] == 0.8
    refused = await deploy(api, {**body, "max_hourly_usd": -1})
    assert refused.status_code == 422


async def test_a_drawing_arrives_without_what_only_the_canvas_needs(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    body = drawing(
        inputs={"folder": "/data"},
        compute_requirements={"cpus": 2},
        deployment_target="local",
    )
    body["nodes"][0]["config"] = {"path": "${inputs.folder}"}
    answer = await deploy(api, body)
    assert answer.status_code == 202, answer.text
    with stack.windmill() as windmill:
        job = windmill.get(f"/jobs_u/get/{answer.json()['id']}").json()
    assert job["script_path"] == "f/mlops/ml_pipeline_deployment"
    assert job["args"] == {
        "pipeline": {
            "name": "my-rag",
            "nodes": [
                {"id": "docs", "component": "documents", "config": {"path": "${inputs.folder}"}},
                {"id": "chunks", "component": "text-splitter", "config": {}},
            ],
            "edges": [
                {
                    "source": "docs",
                    "source_port": "documents",
                    "target": "chunks",
                    "target_port": "documents",
                }
            ],
            "compute": {"cpus": 2},
        },
        "inputs": {"folder": "/data"},
        "declared_inputs": {"folder": {}},
        "target": "local",
        "name": None,
    }


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case["name"])
async def test_what_is_wrong_is_said_and_nothing_is_started(
    api: httpx.AsyncClient, stack: Stack, case: dict[str, Any]
) -> None:
    before = stack.started()
    body = drawing(**case["drawing"]) if "drawing" in case else case["body"]
    answer = await deploy(api, body)
    assert answer.status_code == case.get("status", 422), answer.text
    error = answer.json()["error"]
    told = [{"message": error["message"], "fix": error["fix"]}, *error.get("problems", [])]
    for expected in case["told"]:
        assert any(
            all(part in problem.get(key, "") for key, part in expected.items()) for problem in told
        ), f"{expected} is not in {told}"
    assert stack.started() == before


async def test_the_same_key_starts_it_once(api: httpx.AsyncClient, stack: Stack) -> None:
    key, before = str(uuid.uuid4()), stack.started()
    answers = await asyncio.gather(*(deploy(api, CATALOG, key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {202}
    again = await deploy(api, CATALOG, key)
    assert {answer.json()["id"] for answer in answers} == {again.json()["id"]}
    assert stack.started() == sorted([*before, again.json()["id"]])


async def test_a_key_belongs_to_one_request(api: httpx.AsyncClient) -> None:
    key = str(uuid.uuid4())
    await deploy(api, CATALOG, key)
    other = await deploy(api, {**CATALOG, "name": "another"}, key)
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "idempotency_key_reused"


async def test_without_a_key_each_request_is_a_run(api: httpx.AsyncClient) -> None:
    first, second = await deploy(api, CATALOG), await deploy(api, CATALOG)
    assert first.json()["id"] != second.json()["id"]
