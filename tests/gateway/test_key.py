"""The key of a deployed pipeline, told to whoever may see it and written nowhere."""

import uuid
from pathlib import Path

import httpx
import pytest

from tests.gateway.conftest import Connect
from tests.gateway.stack import Stack, post
from windmill.scripts.model.base.derived_secrets import api_key
from windmill.scripts.model.base.windmill_paths import SECRET_KEY
from windmill.scripts.model.drawing.deployment import State

PLATFORM_KEY = "the-platform-s-own"


@pytest.fixture
def deployed(stack: Stack) -> str:
    name = f"desk-{uuid.uuid4().hex[:6]}"
    stack.register(str(uuid.uuid4()), name, State.live)
    return name


@pytest.fixture
def platform_key(stack: Stack) -> None:
    with stack.windmill() as windmill:
        if not windmill.get(f"/variables/exists/{SECRET_KEY}").json():
            variable = {"path": SECRET_KEY, "value": PLATFORM_KEY, "is_secret": True}
            post(windmill, "variables/create", {**variable, "description": ""})


@pytest.mark.usefixtures("platform_key")
async def test_a_deployment_s_key_is_told_with_its_page(
    api: httpx.AsyncClient, stack: Stack, deployed: str
) -> None:
    answer = await api.get(f"/pipelines/{deployed}/key")
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    key = api_key(PLATFORM_KEY, told["deployment_id"])
    assert (told["name"], told["key"]) == (deployed, key)
    assert told["page"] == f"{told['endpoint_url']}/#key={key}"
    for route in ("status", "logs", "events"):
        assert key not in (await api.get(f"/pipelines/{deployed}/{route}")).text
    assert key not in (await api.get("/pipelines")).text


@pytest.mark.usefixtures("platform_key")
async def test_what_answers_nowhere_has_no_key(api: httpx.AsyncClient, stack: Stack) -> None:
    name = f"gone-{uuid.uuid4().hex[:6]}"
    found = stack.register(str(uuid.uuid4()), name, State.live)
    registry = stack.registry()
    registry.publish(found.id, {})
    registry.engine.dispose()
    answer = await api.get(f"/pipelines/{name}/key")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_endpoint")
    assert (await api.get("/pipelines/nobody-knows/key")).status_code == 404


async def test_a_windmill_without_the_platform_s_key_is_told(
    connect: Connect, deployed: str, stack: Stack, tmp_path: Path
) -> None:
    async with connect(windmill_workspace="another") as api:
        answer = await api.get(f"/pipelines/{deployed}/key")
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "no_platform_key")
    assert "mlops setup" in answer.json()["error"]["fix"]
