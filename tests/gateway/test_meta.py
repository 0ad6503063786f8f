"""Meta-pipelines: watched at every depth, asked once, approved, and destroyed as a whole."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.access.roles import Role
from gateway.clients.windmill import Windmill
from gateway.clients.windmill import connect as connect_windmill
from gateway.runs.job_tree import progress_of
from tests.gateway.conftest import Until
from tests.gateway.stack import BY_ROLE, Stack
from tests.gateway.test_status import states
from windmill.scripts.model.drawing.deployment import State

DEPLOYMENT = ["validate", "target", "configure", "notify"]


async def deploy(
    api: httpx.AsyncClient, entry: str, target: str | None = "local", **inputs: Any
) -> str:
    name = f"{entry}-{uuid.uuid4().hex[:6]}" if entry in ("house", "regions") else None
    request = {"pipeline": entry, "inputs": inputs, "target": target}
    answer = await api.post("/pipelines/deploy", json={**request, "name": name})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def flow_job(stack: Stack, api: httpx.AsyncClient, id: str, place: str) -> str:
    """The job of the flow that deploys this part, as its own steps know it."""
    windmill = connect_windmill(stack.engine_url, BY_ROLE, "mlops").by(Role.viewer)
    try:
        progress = await progress_of(windmill, await windmill.job(id))
    finally:
        await windmill.http.aclose()
    return next(job for job, path in reversed(progress.flows.items()) if path == place)


async def test_every_step_at_any_depth_is_shown_while_it_runs(
    api: httpx.AsyncClient, until: Until, hold: Path
) -> None:
    id = await deploy(api, "house", regions=["eu", "us", "asia"], hold=str(hold))
    shown: dict[str, str] = {}
    # Two at a time, and which of them comes first is not promised.
    while {shown.get(f"eu/each/{index}/configure") for index in (0, 1)} != {"running"}:
        status = (await api.get(f"/pipelines/{id}/status")).json()
        shown = states(status)
    assert status["state"] == "deploying"
    assert [id for id in shown if id.startswith("first/")] == [f"first/{s}" for s in DEPLOYMENT]
    assert {shown["first/notify"], shown["side"]} == {"done"}
    # What is to come is there already.
    assert {shown["eu/each/2/configure"], shown["eu/each/0/notify"]} == {"waiting"}
    title = next(s["title"] for s in status["steps"] if s["id"] == "eu/each/1/configure")
    assert title == "eu › each › 1 › Configure host"
    hold.touch()
    status = await until(id, "live")
    ended = states(status)
    parts = ["first", *(f"eu/each/{index}" for index in range(3))]
    expected = [f"{part}/{step}" for part in parts for step in DEPLOYMENT]
    assert sorted(ended) == sorted([*expected, "side", "told"])
    assert set(ended.values()) == {"done"}
    assert status["outputs"] == {"count": 7}


async def test_what_has_not_begun_is_known_from_the_definition(
    api: httpx.AsyncClient, until: Until
) -> None:
    id = await deploy(api, "house", target=None)
    status = await until(id, "waiting_for_target")
    shown = states(status)
    assert shown["target"] == "waiting"
    assert shown["first/configure"] == shown["told"] == shown["eu/each"] == "waiting"
    assert [(each["asks"], each["step"]) for each in status["questions"]] == [("target", "target")]


async def test_an_open_target_is_asked_once_for_all(api: httpx.AsyncClient, until: Until) -> None:
    id = await deploy(api, "house", target=None, regions=["eu", "us"])
    await until(id, "waiting_for_target")
    answer = await api.post(f"/pipelines/{id}/target", json={"target": "k3s"})
    assert answer.status_code == 202, answer.text
    status = await until(id, "live")
    targets = [step for step in status["steps"] if step["id"].endswith("target")]
    assert [step["id"] for step in targets] == [
        "target", "first/target", "eu/each/0/target", "eu/each/1/target",
    ]  # fmt: skip


async def test_what_a_condition_leaves_out_is_skipped(api: httpx.AsyncClient, until: Until) -> None:
    status = await until(await deploy(api, "house", told=False), "live")
    assert states(status)["told"] == "skipped"


async def test_a_deep_failure_tells_its_whole_path_what_lives_and_what_to_do(
    api: httpx.AsyncClient, stack: Stack, until: Until, hold: Path
) -> None:
    id = await deploy(api, "house", fail="no space on device", hold=str(hold))
    while states((await api.get(f"/pipelines/{id}/status")).json()).get("first/notify") != "done":
        await asyncio.sleep(0.02)
    name = (await api.get(f"/pipelines/{id}/status")).json()["name"]
    job = await flow_job(stack, api, id, "first")
    stack.register(id, f"{name}-first", State.live, run_id=job, part_of=name)
    hold.touch()
    status = await until(id, "failed")
    error = status["error"]
    assert (error["step"], error["message"]) == ("eu/each/0/configure", "no space on device")
    assert states(status)["eu/each/0/failure"] == "done"
    assert f"{name}-first stay live" in error["fix"]
    assert f"mlops destroy {name}" in error["fix"]
    assert [(each["name"], each["step"], each["state"]) for each in status["deployments"]] == [
        (f"{name}-first", "first", "live")
    ]
    logs = (await api.get(f"/pipelines/{id}/logs")).json()["lines"]
    assert {"eu/each/0/configure", "first/configure", "side"} <= {line["step"] for line in logs}


async def test_what_has_ended_is_asked_for_once(
    api: httpx.AsyncClient, stack: Stack, until: Until
) -> None:
    id = await deploy(api, "house", regions=["eu", "us", "asia"])
    await until(id, "live")
    async with counting(stack) as (windmill, calls):
        progress = await progress_of(windmill, await windmill.job(id))
        assert len(calls) <= len(progress.flows) + 1
        calls.clear()
        await progress_of(windmill, await windmill.job(id))
        assert not calls


async def test_a_look_at_a_run_that_is_followed_costs_few_calls_however_deep_it_is(
    api: httpx.AsyncClient, stack: Stack, hold: Path
) -> None:
    id = await deploy(api, "storey-6", hold=str(hold))
    step = "/".join(["up"] * 6 + ["configure"])
    async with counting(stack) as (windmill, calls):

        async def look() -> dict[str, str]:
            calls.clear()
            progress = await progress_of(windmill, await windmill.job(id))
            return {each.id: each.state for each in progress.steps}

        while (await look())[step] != "running":
            await asyncio.sleep(0.02)
        await look()
        assert (await look())[step] == "running"
        assert len(calls) == 2, "the run, and the list that tells that nothing moved"
        hold.touch()
        while (await look())[step] == "running":
            assert len(calls) <= 3, "and the one flow whose step goes on"
            await asyncio.sleep(0.01)


async def test_in_a_crowded_workspace_each_flow_is_asked_for_its_jobs(
    api: httpx.AsyncClient, stack: Stack, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await deploy(api, "house", regions=["eu", "us"])
    status = await until(id, "live")
    monkeypatch.setattr("gateway.clients.windmill.PAGE", 3)
    async with counting(stack) as (windmill, calls):
        progress = await progress_of(windmill, await windmill.job(id))
        assert sum("created_after" in call for call in calls) == 1
        assert [step.id for step in progress.steps] == [step["id"] for step in status["steps"]]


@asynccontextmanager
async def counting(stack: Stack) -> AsyncIterator[tuple[Windmill, list[str]]]:
    """A client that nobody used before, and what it asks Windmill."""
    windmill = connect_windmill(stack.engine_url, BY_ROLE, "mlops").by(Role.viewer)
    calls: list[str] = []
    windmill.http.event_hooks["request"] = [_noting(calls)]
    try:
        yield windmill, calls
    finally:
        await windmill.http.aclose()


def _noting(calls: list[str]) -> Any:
    async def note(request: httpx.Request) -> None:
        calls.append(str(request.url))

    return note


@pytest.mark.parametrize(("approved", "ends"), [(True, "live"), (False, "failed")])
async def test_a_run_waits_until_it_is_approved_or_refused(
    api: httpx.AsyncClient, until: Until, approved: bool, ends: str
) -> None:
    id = await deploy(api, "guarded", target=None)
    status = await until(id, "waiting_for_approval")
    assert status["questions"] == [
        {"asks": "approval", "step": "publish:approval", "message": "Shall it go out?", "plan": []}
    ]
    assert states(status) == {"build": "done", "publish:approval": "waiting", "publish": "waiting"}
    assert (await api.post(f"/pipelines/{id}/target", json={"target": "local"})).status_code == 409
    answer = await api.post(f"/pipelines/{id}/approve", json={"approved": approved})
    assert answer.status_code == 202, answer.text
    status = await until(id, ends)
    if approved:
        assert set(states(status).values()) == {"done"}
    else:
        assert states(status)["publish"] == "skipped"
        assert status["error"]["step"] == "publish:approval"
        assert "Disapproved" in status["error"]["message"]
    again = await api.post(f"/pipelines/{id}/approve", json={"approved": True})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_waiting")


async def test_an_answer_to_one_question_is_none_to_another_and_counts_once(
    api: httpx.AsyncClient, stack: Stack, until: Until
) -> None:
    id = await deploy(api, "guarded", target=None)
    await until(id, "waiting_for_approval")
    with stack.windmill() as windmill:
        modules = windmill.get(f"/jobs_u/get/{id}").json()["flow_status"]["modules"]
    built, asked = (each["job"] for each in modules[:2])

    async def answered(question: str) -> httpx.Response:
        body = {"approved": True, "question": question}
        return await api.post(f"/pipelines/{id}/approve", json=body)

    other = await answered(built)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "no_longer_asked")
    assert (await answered(asked)).status_code == 202
    await until(id, "live")
    again = await answered(asked)
    assert again.status_code == 409
    assert again.json()["error"]["message"].startswith("guarded no longer asks this")


async def test_where_several_ask_the_answer_names_one(api: httpx.AsyncClient, until: Until) -> None:
    id = await deploy(api, "twice-guarded", target=None)
    questions: list[Any] = []
    while len(questions) < 2:
        questions = (await api.get(f"/pipelines/{id}/status")).json()["questions"]
    refused = await api.post(f"/pipelines/{id}/approve", json={"approved": True})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "several_questions")
    for step in ("one/publish:approval", "two/publish:approval"):
        body = {"approved": True, "step": step}
        assert (await api.post(f"/pipelines/{id}/approve", json=body)).status_code == 202
    await until(id, "live")


async def test_a_meta_pipeline_is_destroyed_as_a_whole(
    api: httpx.AsyncClient, stack: Stack, until: Until
) -> None:
    id = await deploy(api, "house")
    name = (await until(id, "live"))["name"]
    parts = [stack.register(id, f"{name}-{i}", State.live, f"{id}{i}", name) for i in range(2)]
    assert [each["part_of"] for each in (await api.get("/pipelines")).json()][-2:] == [name] * 2
    assert (await api.get(f"/pipelines/{name}/status")).json()["id"] == id
    accepted = (await api.delete(f"/pipelines/{name}")).json()
    assert (accepted["name"], accepted["state"]) == (name, "destroying")
    assert accepted["deployment_ids"] == [each.id for each in parts]
    assert (await api.delete(f"/pipelines/{id}")).json()["id"] == accepted["id"]
    with stack.windmill() as windmill:
        job = windmill.get(f"/jobs_u/get/{accepted['id']}").json()
    assert job["args"] == {"name": name, "deployment_ids": [each.id for each in parts]}
    await until(accepted["id"], "destroyed")
    for each in parts:
        stack.finish(each.id, State.destroyed)
    assert (await api.get(f"/pipelines/{name}/status")).json()["state"] == "destroyed"
    before = stack.started()
    again = (await api.delete(f"/pipelines/{name}")).json()
    assert (again["id"], again["state"]) == (None, "destroyed")
    assert stack.started() == before


async def test_a_run_in_progress_is_stopped_before_it_is_destroyed(
    api: httpx.AsyncClient, stack: Stack, hold: Path
) -> None:
    id = await deploy(api, "house", hold=str(hold))
    name = (await api.get(f"/pipelines/{id}/status")).json()["name"]
    part = stack.register(id, f"{name}-first", State.live, run_id=f"{id}0", part_of=name)
    accepted = (await api.delete(f"/pipelines/{id}")).json()
    assert accepted["deployment_ids"] == [part.id]
    with stack.windmill() as windmill:
        assert windmill.get(f"/jobs_u/get/{id}").json()["canceled"] is True


async def test_who_approves_is_shown_what_then_goes_on(
    api: httpx.AsyncClient, until: Until
) -> None:
    id = await deploy(api, "asked-first", target="local")
    (question,) = (await until(id, "waiting_for_approval"))["questions"]
    assert question["plan"] == [
        "+ pipelines/tiny as asked-first-tiny-0",
        "+ pipelines/tiny as asked-first-tiny-1",
    ]
    await api.post(f"/pipelines/{id}/approve", json={"approved": False})
    await until(id, "failed")
