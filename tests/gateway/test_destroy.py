"""Destroying: what runs is stopped, and asking twice is fine."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import httpx

from tests.gateway.conftest import Until
from tests.gateway.stack import Stack
from tests.gateway.test_status import deploy
from windmill.scripts.model.drawing.deployment import State


def new_name() -> str:
    return f"rag-{uuid.uuid4().hex[:6]}"


async def test_a_deployment_is_destroyed_by_its_own_flow(
    api: httpx.AsyncClient, stack: Stack, until: Until
) -> None:
    deployment = stack.register(str(uuid.uuid4()), new_name(), State.live)
    answer = await api.delete(f"/pipelines/{deployment.name}")
    assert answer.status_code == 202, answer.text
    accepted = answer.json()
    assert (accepted["deployment_id"], accepted["state"]) == (deployment.id, "destroying")
    with stack.windmill() as windmill:
        job = windmill.get(f"/jobs_u/get/{accepted['id']}").json()
    assert job["script_path"] == "f/mlops/destroy_deployment"
    assert job["args"] == {"deployment_id": deployment.id}
    status = await until(accepted["id"], "destroying")
    assert status["steps"][0]["title"] == "Destroy"
    stack.finish(deployment.id, State.destroyed)
    assert (await until(accepted["id"], "destroyed"))["name"] == deployment.name


async def test_a_failed_destroy_is_told(api: httpx.AsyncClient, stack: Stack, until: Until) -> None:
    deployment = stack.register(str(uuid.uuid4()), new_name(), State.live)
    accepted = (await api.delete(f"/pipelines/{deployment.id}")).json()
    stack.begin_destroy(deployment.id, accepted["id"])
    with stack.windmill() as windmill:
        windmill.post(f"/jobs_u/queue/cancel/{accepted['id']}", json={"reason": "power cut"})
    status = await until(accepted["id"], "failed")
    assert "power cut" in status["error"]["message"]


async def test_asking_twice_starts_it_once(api: httpx.AsyncClient, stack: Stack) -> None:
    deployment = stack.register(str(uuid.uuid4()), new_name(), State.live)
    first = (await api.delete(f"/pipelines/{deployment.id}")).json()
    second = (await api.delete(f"/pipelines/{deployment.id}")).json()
    assert first["id"] == second["id"]


async def test_what_is_gone_needs_no_run(api: httpx.AsyncClient, stack: Stack) -> None:
    deployment = stack.register(str(uuid.uuid4()), new_name(), State.destroyed)
    before = stack.started()
    answer = await api.delete(f"/pipelines/{deployment.id}")
    assert (answer.status_code, answer.json()["id"]) == (202, None)
    assert answer.json()["state"] == "destroyed"
    assert stack.started() == before


async def test_a_run_that_created_nothing_is_canceled(
    api: httpx.AsyncClient, until: Until, hold: Path
) -> None:
    id = await deploy(api, inputs={"hold": str(hold)})
    answer = await api.delete(f"/pipelines/{id}")
    assert (answer.status_code, answer.json()["deployment_id"]) == (202, None)
    status = await until(id, "failed")
    assert "canceled by request" in status["error"]["message"]


async def test_a_run_that_is_deploying_is_stopped_first(
    api: httpx.AsyncClient, stack: Stack, hold: Path
) -> None:
    id = await deploy(api, inputs={"hold": str(hold)})
    flow_id = None
    while flow_id is None:
        await asyncio.sleep(0.02)
        with stack.windmill() as windmill:
            modules = windmill.get(f"/jobs_u/get/{id}").json()["flow_status"]["modules"]
        flow_id = modules[0].get("job")
    stack.register(id, new_name(), run_id=flow_id)
    answer = await api.delete(f"/pipelines/{id}")
    assert answer.status_code == 202
    job: dict[str, Any] = {"type": ""}
    while job["type"] != "CompletedJob":
        await asyncio.sleep(0.02)
        with stack.windmill() as windmill:
            job = windmill.get(f"/jobs_u/get/{flow_id}").json()
    assert job["canceled"] is True


async def test_a_canceled_deploy_is_stopped_and_then_tidied_up(
    api: httpx.AsyncClient, stack: Stack, until: Until, hold: Path
) -> None:
    id = await deploy(api, inputs={"hold": str(hold)})
    steps: list[dict[str, Any]] = []
    while not any(step["id"] == "configure" and step["state"] == "running" for step in steps):
        await asyncio.sleep(0.02)
        steps = (await api.get(f"/pipelines/{id}/status")).json()["steps"]
    made = stack.register(id, new_name())
    answer = await api.post(f"/pipelines/{id}/cancel")
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = {"type": ""}
    while job["type"] != "CompletedJob":
        await asyncio.sleep(0.02)
        with stack.windmill() as windmill:
            job = windmill.get(f"/jobs_u/get/{answer.json()['tidied_by']}").json()
            run = windmill.get(f"/jobs_u/get/{id}").json()
    assert (run["type"], run["canceled"]) == ("CompletedJob", True)
    assert job["result"]["deployment_id"] == made.id
    assert job["result"]["error"]["step_id"] == "configure"
    again = await api.post(f"/pipelines/{id}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "nothing_to_cancel")


async def test_nobody_is_not_destroyed(api: httpx.AsyncClient) -> None:
    assert (await api.delete("/pipelines/nobody")).status_code == 404
