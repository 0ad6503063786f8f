"""What a deployment's processes wrote, read by a worker."""

import uuid

import httpx
import pytest

from gateway.runs.asking import answers
from tests.gateway.stack import Stack
from windmill.scripts.model.drawing.deployment import State


@pytest.fixture
def deployed(stack: Stack) -> str:
    name = f"desk-{uuid.uuid4().hex[:6]}"
    stack.register(str(uuid.uuid4()), name, State.live)
    return name


async def test_a_worker_is_asked_for_the_lines(api: httpx.AsyncClient, deployed: str) -> None:
    query = {"process": "litellm", "lines": "3"}
    answer = await api.get(f"/pipelines/{deployed}/process-log", params=query)
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told["lines"] == [f"litellm of {told['deployment_id']}, 3 lines"]


async def test_why_it_could_not_be_read_is_told(api: httpx.AsyncClient, deployed: str) -> None:
    query = {"process": "model-server"}
    answer = await api.get(f"/pipelines/{deployed}/process-log", params=query)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (502, "log_unread")
    assert error["message"].endswith("it runs no model server")


async def test_a_job_that_nobody_takes_is_canceled(
    api: httpx.AsyncClient, deployed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "PATIENCE_SECONDS", 0.0)
    answer = await api.get(f"/pipelines/{deployed}/process-log")
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "log_unread")
    assert "no worker" in answer.json()["error"]["message"]


@pytest.mark.parametrize("query", [{"process": "../x"}, {"lines": 0}, {"lines": 1001}])
async def test_what_is_no_process_or_too_many_lines_is_refused(
    api: httpx.AsyncClient, deployed: str, query: dict[str, str]
) -> None:
    answer = await api.get(f"/pipelines/{deployed}/process-log", params=query)
    assert 400 <= answer.status_code < 500


async def test_nobody_s_is_not_found(api: httpx.AsyncClient) -> None:
    assert (await api.get("/pipelines/nobody-knows/process-log")).status_code == 404
