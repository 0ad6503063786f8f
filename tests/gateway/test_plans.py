"""What a request would do, told by a worker, with nothing started or registered."""

import json
from typing import Any

import httpx
import pytest

from gateway.runs.asking import answers
from tests.gateway.stack import Stack, drawing

RAG = {"pipeline": "rag-chatbot", "inputs": {"documents": "/data"}, "target": "local"}


async def plan(api: httpx.AsyncClient, body: dict[str, Any]) -> httpx.Response:
    return await api.post("/pipelines/plan", json=body)


def asked(stack: Stack) -> dict[str, Any]:
    """What the worker was last asked for."""
    with stack.windmill() as http:
        query = {"script_path_exact": "f/mlops/plan_deployment", "per_page": "1"}
        job = http.get("/jobs/list", params=query).json()[0]
        args = http.get(f"/jobs_u/get/{job['id']}").json()["args"]
    request: dict[str, Any] = json.loads(args["request"])
    return request


async def test_of_a_catalog_pipeline_as_its_flow_would_deploy_it(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    answer = await plan(api, {**RAG, "name": "law-desk"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["action"], told["name"], told["target"]) == ("create", "law-desk", "local")
    request = asked(stack)
    assert request["pipeline"]["name"] == "rag-chatbot"
    assert request["inputs"]["documents"] == "/data"
    assert request["declared_inputs"].keys() == request["inputs"].keys() == {"documents", "top_k"}


async def test_of_a_drawing(api: httpx.AsyncClient) -> None:
    answer = await plan(api, drawing(target="local"))
    assert (answer.status_code, answer.json()["name"]) == (200, drawing()["name"])


async def test_no_deployment_comes_of_it(api: httpx.AsyncClient, stack: Stack) -> None:
    before = (await api.get("/pipelines?all=true")).json()
    await plan(api, {**RAG, "name": "never-deployed"})
    assert (await api.get("/pipelines?all=true")).json() == before
    assert (await api.get("/pipelines/never-deployed/status")).status_code == 404


@pytest.mark.parametrize(
    ("documents", "status", "code", "says"),
    [
        ("/refused", 422, "plan_refused", "the budget is too small"),
        ("/broken", 502, "plan_unknown", "a worker that fails"),
    ],
)
async def test_a_refusal_is_told_apart_from_a_worker_that_failed(
    api: httpx.AsyncClient, documents: str, status: int, code: str, says: str
) -> None:
    answer = await plan(api, {**RAG, "inputs": {"documents": documents}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert says in answer.json()["error"]["message"]


async def test_of_an_entry_of_steps_every_pipeline_below_it(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    body = {"pipeline": "meta-pipelines/storey-1", "target": "local", "inputs": {"hold": "x"}}
    answer = await plan(api, {**body, "max_hourly_usd": 2})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["entry"], told["steps"][1]["plan"]["name"]) == (body["pipeline"], "storey-1-up")
    request = asked(stack)
    assert (request["entry"], request["hold"]) == (body["pipeline"], "x")
    assert (request["target"], request["max_hourly_usd"]) == ("local", 2)


async def test_what_deploys_nothing_is_refused_in_words(api: httpx.AsyncClient) -> None:
    answer = await plan(api, {"pipeline": "meta-pipelines/guarded"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "nothing_to_plan")


async def test_wrong_inputs_ask_no_worker(api: httpx.AsyncClient) -> None:
    answer = await plan(api, {**RAG, "inputs": {"documents": 7}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


async def test_where_nobody_answers_it_says_so(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "PATIENCE_SECONDS", 0.0)
    answer = await plan(api, RAG)
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "plan_unknown")
    assert "no worker" in answer.json()["error"]["message"]
