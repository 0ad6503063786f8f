"""Watching: steps, states, reasons, logs and events of a run, by any of its names."""

import json
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.conftest import Connect, Until
from tests.gateway.stack import Stack
from windmill.scripts.model.drawing.deployment import State

STEPS = ["validate", "target", "configure", "notify"]


async def deploy(api: httpx.AsyncClient, **body: Any) -> str:
    inputs = {"documents": "/data", **body.pop("inputs", {})}
    request = {"pipeline": "rag-chatbot", "inputs": inputs, "target": "local", **body}
    answer = await api.post("/pipelines/deploy", json=request)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def states(status: dict[str, Any]) -> dict[str, str]:
    return {step["id"]: step["state"] for step in status["steps"]}


async def test_a_run_shows_the_steps_of_the_deployment_itself(
    api: httpx.AsyncClient, until: Until
) -> None:
    status = await until(await deploy(api), "live")
    assert [step["id"] for step in status["steps"]] == STEPS
    assert [step["title"] for step in status["steps"]][2] == "Configure host"
    assert all(step["state"] == "done" for step in status["steps"])
    assert all(step["seconds"] is not None and step["started_at"] for step in status["steps"])
    assert status["changed"] is True


async def test_what_is_to_come_is_shown_while_it_runs(
    api: httpx.AsyncClient, until: Until, hold: Path
) -> None:
    id = await deploy(api, inputs={"hold": str(hold)})
    status: dict[str, Any] = {"steps": [{"id": "configure", "state": ""}]}
    while states(status).get("configure") != "running":
        status = (await api.get(f"/pipelines/{id}/status")).json()
        assert [step["id"] for step in status["steps"]] == STEPS
    assert (status["state"], status["name"]) == ("deploying", "rag-chatbot")
    assert states(status) == {
        "validate": "done", "target": "done", "configure": "running", "notify": "waiting",
    }  # fmt: skip
    hold.touch()
    await until(id, "live")


async def test_a_failure_names_its_step_and_reason(
    api: httpx.AsyncClient, connect: Connect, until: Until
) -> None:
    id = await deploy(api, inputs={"fail": "no space on device"})
    status = await until(id, "failed")
    assert states(status) == {
        "validate": "done", "target": "done", "configure": "failed",
        "notify": "skipped", "failure": "done",
    }  # fmt: skip
    error = status["error"]
    assert (error["message"], error["step"]) == ("no space on device", "configure")
    assert error["title"] == "Configure host"
    assert error["cleanup"] == "removed"
    assert error["stack"] == ""
    assert "Traceback" not in json.dumps(status)
    async with connect(debug=True) as debugging:
        shown = (await debugging.get(f"/pipelines/{id}/status")).json()
    assert "RuntimeError" in shown["error"]["stack"] or "line" in shown["error"]["stack"]


async def test_the_fields_of_a_steps_error_arrive(api: httpx.AsyncClient, until: Until) -> None:
    told = {"message": "`name` is missing", "fix": "Add `name:`.", "code": "no_name"}
    status = await until(await deploy(api, inputs={"fail": json.dumps(told)}), "failed")
    assert {key: status["error"][key] for key in told} == told


async def test_a_failed_choice_of_target_tells_its_way_out(
    api: httpx.AsyncClient, until: Until
) -> None:
    told = {"message": "no target fits", "fix": "Allow more.", "code": "no_offer"}
    told["where"] = "catalog/prices"
    id = await deploy(api, inputs={"fail_choice": json.dumps(told)})
    status = await until(id, "failed")
    error = status["error"]
    assert {key: error[key] for key in told} == told
    assert (error["step"], error["title"]) == ("target", "Choose target")
    assert error["cleanup"] == "removed"
    assert states(status) == {
        "validate": "done", "target": "failed", "failure": "done",
        "configure": "skipped", "notify": "skipped",
    }  # fmt: skip


async def test_a_title_that_the_registry_tells_too_is_told_once(
    api: httpx.AsyncClient, stack: Stack, until: Until
) -> None:
    """The job that failed may be gone, or never have said why."""
    told = {"message": "", "fix": "", "code": "", "where": ""}
    id = await deploy(api, inputs={"fail_choice": json.dumps(told)})
    await until(id, "failed")
    deployment = stack.register(id, f"titled-{uuid.uuid4().hex[:6]}")
    stack.finish(deployment.id, State.failed, "Choose target: no target fits")
    error = (await api.get(f"/pipelines/{id}/status")).json()["error"]
    assert (error["title"], error["message"]) == ("Choose target", "no target fits")


async def test_a_text_of_somebody_else_is_never_taken_apart(
    api: httpx.AsyncClient, until: Until
) -> None:
    text = "no room\n    on the device"
    error = (await until(await deploy(api, inputs={"fail": text}), "failed"))["error"]
    assert (error["message"], error["fix"], error["code"]) == (text, "", "")


async def test_a_run_without_target_waits_to_be_told(api: httpx.AsyncClient, until: Until) -> None:
    id = await deploy(api, target=None)
    status = await until(id, "waiting_for_target")
    assert states(status)["target"] == "waiting"
    refused = await api.post(f"/pipelines/{id}/target", json={"target": "moon"})
    assert refused.status_code == 422
    accepted = await api.post(f"/pipelines/{id}/target", json={"target": "k3s"})
    assert accepted.status_code == 202, accepted.text
    await until(id, "live")
    again = await api.post(f"/pipelines/{id}/target", json={"target": "local"})
    assert again.status_code == 409
    assert again.json()["error"]["code"] == "not_waiting"


async def test_id_deployment_and_name_tell_of_the_same(
    api: httpx.AsyncClient, stack: Stack, until: Until
) -> None:
    id = await deploy(api)
    await until(id, "live")
    name = f"desk-{uuid.uuid4().hex[:6]}"
    deployment = stack.register(id, name, State.live)
    stack.record(deployment.id, "health", "not read: scan.pdf", "warning")
    for asked in (id, deployment.id, name):
        status = (await api.get(f"/pipelines/{asked}/status")).json()
        assert status["notices"] == ["not read: scan.pdf"]
        assert (status["name"], status["deployment_id"]) == (name, deployment.id)
        assert status["endpoint_url"] == "http://127.0.0.1:9000"
        assert (status["target"], status["revision"], status["state"]) == ("local", 1, "live")
    stack.finish(deployment.id, State.degraded, "the API does not answer")
    status = (await api.get(f"/pipelines/{id}/status")).json()
    assert status["state"] == "degraded"
    assert status["error"]["message"] == "the API does not answer"


@pytest.mark.parametrize(
    ("after", "of_the_run", "of_the_deployment"),
    [
        (State.failed, "failed", "failed"),
        (State.degraded, "failed", "degraded"),
        (State.destroyed, "destroyed", "destroyed"),
        (None, "failed", "failed"),
    ],
    ids=["cleaned up", "the revision before stays", "destroyed since", "never finished"],
)
async def test_a_failed_run_is_one_thing_its_deployment_another(
    api: httpx.AsyncClient,
    stack: Stack,
    until: Until,
    after: State | None,
    of_the_run: str,
    of_the_deployment: str,
) -> None:
    id = await deploy(api, inputs={"fail": "no"})
    await until(id, "failed")
    deployment = stack.register(id, f"fails-{uuid.uuid4().hex[:6]}", after)
    assert (await api.get(f"/pipelines/{id}/status")).json()["state"] == of_the_run
    status = (await api.get(f"/pipelines/{deployment.id}/status")).json()
    assert status["state"] == of_the_deployment


async def test_deployments_are_listed_until_destroyed(api: httpx.AsyncClient, stack: Stack) -> None:
    name = f"gone-{uuid.uuid4().hex[:6]}"
    deployment = stack.register(str(uuid.uuid4()), name, State.live)
    assert name in [item["name"] for item in (await api.get("/pipelines")).json()]
    stack.finish(deployment.id, State.destroyed)
    assert name not in [item["name"] for item in (await api.get("/pipelines")).json()]
    assert name in [item["name"] for item in (await api.get("/pipelines?all=true")).json()]


async def test_another_gateway_knows_as_much(
    api: httpx.AsyncClient, connect: Connect, until: Until
) -> None:
    id = await deploy(api)
    status = await until(id, "live")
    async with connect() as restarted:
        assert (await restarted.get(f"/pipelines/{id}/status")).json() == status


@pytest.mark.parametrize("id", ["nobody", "00000000-0000-4000-8000-000000000000", "a'b", "x" * 300])
@pytest.mark.parametrize("what", ["status", "logs", "events"])
async def test_an_unknown_id_is_told(api: httpx.AsyncClient, id: str, what: str) -> None:
    answer = await api.get(f"/pipelines/{id}/{what}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


async def test_logs_are_read_in_pieces_and_in_order(
    api: httpx.AsyncClient, stack: Stack, until: Until, hold: Path
) -> None:
    id = await deploy(api, inputs={"hold": str(hold)})
    while "two lines" not in (first := await api.get(f"/pipelines/{id}/logs")).text:
        pass
    spoken = [line["message"] for line in first.json()["lines"] if line["step"] == "configure"]
    assert spoken.index("configuring") < spoken.index("two lines")
    stack.register(id, f"logs-{uuid.uuid4().hex[:6]}", State.live)
    hold.touch()
    await until(id, "live")
    rest = (await api.get(f"/pipelines/{id}/logs", params={"after": first.json()["next"]})).json()
    messages = [line["message"] for line in rest["lines"]]
    assert "supervisor accepted the programs" in messages
    assert "configuring" not in messages
    end = (await api.get(f"/pipelines/{id}/logs", params={"after": rest["next"]})).json()
    assert (end["lines"], end["state"]) == ([], "live")


@pytest.mark.parametrize("cursor", ["%%%", "e30", "WzFd", "eyJhIjoieCJ9"])
async def test_a_cursor_that_is_none_is_refused(api: httpx.AsyncClient, cursor: str) -> None:
    id = await deploy(api)
    answer = await api.get(f"/pipelines/{id}/logs", params={"after": cursor})
    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 422:
        assert answer.json()["error"]["problems"][0]["field"] == "after"


async def test_events_tell_each_change_until_the_end(api: httpx.AsyncClient) -> None:
    id = await deploy(api)
    answer = await api.get(f"/pipelines/{id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = [
        json.loads(line.removeprefix("data: "))
        for line in answer.text.splitlines()
        if line.startswith("data: ")
    ]
    assert told[-1]["state"] == "live"
    assert len({json.dumps(item) for item in told}) == len(told)
