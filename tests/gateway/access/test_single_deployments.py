"""A key for single deployments sees these, and of the others not even that they are there."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.gateway.access.conftest import ADMIN, add_key, bearer
from tests.gateway.conftest import Connect
from tests.gateway.stack import Stack, drawing
from windmill.scripts.model.base.windmill_paths import ONLY_WITH
from windmill.scripts.model.drawing.deployment import State

pytestmark = pytest.mark.slow


@pytest.fixture
async def http(connect: Connect) -> AsyncIterator[httpx.AsyncClient]:
    async with connect(api_key=ADMIN) as client:
        client.headers.update(bearer(ADMIN))
        yield client


async def deployed(http: httpx.AsyncClient, stack: Stack, name: str) -> str:
    """The tracking id of a run that this deployment came from."""
    body = {
        "name": name,
        "nodes": drawing()["nodes"],
        "edges": drawing()["edges"],
        "target": "local",
    }
    answer = await http.post("/pipelines/deploy", json=body)
    assert answer.status_code == 202, answer.text
    run = str(answer.json()["id"])
    stack.register(run, name, State.live)
    return run


async def test_the_others_are_not_there(http: httpx.AsyncClient, stack: Stack) -> None:
    mine, other = await deployed(http, stack, "mine"), await deployed(http, stack, "other")
    key = bearer(await add_key(http, "shop", "builder", deployments=["mine"]))
    shown = [each["name"] for each in (await http.get("/pipelines", headers=key)).json()]
    assert shown == ["mine"]
    for id_ in ("mine", mine):
        assert (await http.get(f"/pipelines/{id_}/status", headers=key)).status_code == 200
    for id_ in ("other", other, "never-was"):
        for path in ("status", "logs", "events"):
            answer = await http.get(f"/pipelines/{id_}/{path}", headers=key)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
        assert (await http.delete(f"/pipelines/{id_}", headers=key)).status_code == 404
    assert (await http.delete("/pipelines/mine", headers=key)).status_code == 202
    await http.delete("/access/keys/shop")


async def test_it_deploys_under_these_names_alone(http: httpx.AsyncClient, stack: Stack) -> None:
    key = bearer(await add_key(http, "builds-one", "builder", deployments=["its-own"]))
    before = stack.started()
    bodies = [
        drawing(name="not-its-own", target="local"),
        {"pipeline": "tiny", "inputs": {}, "target": "local"},
        {"pipeline": "tiny", "inputs": {}, "target": "local", "name": "not-its-own"},
        {"pipeline": "house", "inputs": {}, "target": "local", "name": "its-own"},
    ]
    for body in bodies:
        answer = await http.post("/pipelines/deploy", json=body, headers=key)
        assert answer.status_code == 403, answer.text
    assert stack.started() == before
    for body in (
        drawing(name="its-own", target="local"),
        {"pipeline": "tiny", "inputs": {}, "target": "local", "name": "its-own"},
    ):
        answer = await http.post("/pipelines/deploy", json=body, headers=key)
        assert answer.status_code == 202, answer.text
    for method, path in (("GET", "/builder/app"), ("PUT", "/catalog/pipelines/tiny")):
        assert (await http.request(method, path, headers=key)).status_code == 403
    await http.delete("/access/keys/builds-one")


async def test_what_it_starts_may_work_with_these_alone(
    http: httpx.AsyncClient, stack: Stack
) -> None:
    key = bearer(await add_key(http, "lent", "builder", deployments=["its-own", "another"]))
    for headers, only in ((key, ["another", "its-own"]), (bearer(ADMIN), None)):
        for body in (
            drawing(name="its-own", target="local"),
            {"pipeline": "tiny", "inputs": {}, "target": "local", "name": "its-own"},
        ):
            started = await http.post("/pipelines/deploy", json=body, headers=headers)
            with stack.windmill() as windmill:
                job = windmill.get(f"/jobs_u/get/{started.json()['id']}").json()
            assert job["args"].get(ONLY_WITH) == only
    long = drawing(name="its-own", target="local", inputs={"text": "x" * 40_000})
    refused = await http.post("/pipelines/deploy", json=long, headers=key)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_request")
    given = {"pipeline": "tiny", "inputs": {ONLY_WITH: None}, "name": "its-own"}
    assert (await http.post("/pipelines/deploy", json=given, headers=key)).status_code == 422
    await http.delete("/access/keys/lent")


async def test_a_viewer_of_one_sees_it_and_cannot_end_it(
    http: httpx.AsyncClient, stack: Stack
) -> None:
    await deployed(http, stack, "shown")
    key = bearer(await add_key(http, "looks", "viewer", deployments=["shown"]))
    assert (await http.get("/pipelines/shown/status", headers=key)).status_code == 200
    answer = await http.delete("/pipelines/shown", headers=key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert (await http.get("/catalog", headers=key)).status_code == 200
    await http.delete("/access/keys/looks")


async def test_a_whole_of_which_one_may_see_a_part_is_not_there(
    http: httpx.AsyncClient, stack: Stack
) -> None:
    body = {"pipeline": "house", "inputs": {}, "target": "local", "name": "manor"}
    run = str((await http.post("/pipelines/deploy", json=body)).json()["id"])
    for name in ("manor-a", "manor-b"):
        stack.register(run, name, State.live, run_id=f"{run}-{name}", part_of="manor")
    one = bearer(await add_key(http, "a-part", "viewer", deployments=["manor-a"]))
    assert (await http.get(f"/pipelines/{run}/status", headers=one)).status_code == 404
    assert (await http.get("/pipelines/manor-a/status", headers=one)).status_code == 200
    both = bearer(await add_key(http, "both", "viewer", deployments=["manor-a", "manor-b"]))
    assert (await http.get(f"/pipelines/{run}/status", headers=both)).status_code == 200
    for name in ("a-part", "both"):
        await http.delete(f"/access/keys/{name}")
