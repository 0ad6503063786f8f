"""The past of a deployment is told as a whole, and deleted for good."""

import uuid
from pathlib import Path

import httpx
import pytest

from tests.gateway.conftest import Until
from tests.gateway.stack import Stack
from tests.gateway.test_status import deploy
from windmill.scripts.model.drawing.deployment import State


@pytest.fixture
def canary() -> str:
    return f"canary-{uuid.uuid4().hex}"


def written(stack: Stack) -> bytes:
    """By the engine and by the registry."""
    folder = Path(stack.registry_url.removeprefix("sqlite:///")).parent
    return b"".join(file.read_bytes() for file in folder.glob("*.db*"))


@pytest.fixture
async def destroyed(api: httpx.AsyncClient, stack: Stack, until: Until, canary: str) -> str:
    """Deployed by a real run, which was given the canary; gives the deployment's id."""
    run = await deploy(api, inputs={"fail": canary})
    await until(run, "failed")
    made = stack.register(run, f"rag-{uuid.uuid4().hex[:6]}")
    stack.record(made.id, "configure", f"failed: {canary}", "error")
    stack.finish(made.id, State.destroyed, canary)
    return made.id


async def test_all_that_is_kept_of_it_is_told(
    api: httpx.AsyncClient, destroyed: str, canary: str
) -> None:
    told = (await api.get(f"/data/deployments/{destroyed}")).json()
    assert {name: len(rows) for name, rows in told["registry"].items()} == {
        "deployments": 1, "events": 2, "parts": 0, "revisions": 1, "runs": 1,
        "attempts": 0, "charges": 0, "outbox": 0,
    }  # fmt: skip
    assert canary in str(told["registry"])
    assert canary in str(told["jobs"])


async def test_after_it_neither_registry_nor_engine_tells_anything(
    api: httpx.AsyncClient, stack: Stack, destroyed: str, canary: str
) -> None:
    assert canary.encode() in written(stack)
    kept = (await api.get(f"/data/deployments/{destroyed}")).json()
    told = (await api.delete(f"/data/deployments/{destroyed}")).json()
    assert told == {"id": destroyed, "rows": 5, "jobs": len(kept["jobs"])}
    assert len(kept["jobs"]) > 1
    assert (await api.get(f"/data/deployments/{destroyed}")).status_code == 404
    assert canary.encode() not in written(stack)


async def test_what_lives_is_left_alone(api: httpx.AsyncClient, stack: Stack) -> None:
    made = stack.register(str(uuid.uuid4()), f"rag-{uuid.uuid4().hex[:6]}", State.live)
    refused = await api.delete(f"/data/deployments/{made.id}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_destroyed")
    assert f"mlops destroy {made.name}" in refused.json()["error"]["fix"]
    assert (await api.get(f"/data/deployments/{made.id}")).status_code == 200
