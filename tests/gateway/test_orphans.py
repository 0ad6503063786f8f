"""A worker looks for rented machines that serve nobody; only what is named is ended."""

import httpx
import pytest

from gateway.routes import orphans


async def test_orphans_are_told_with_their_price_and_none_is_ended(api: httpx.AsyncClient) -> None:
    found = (await api.get("/orphans")).json()
    assert (found["looked_at"], found["hourly_usd"], found["ended"]) == (["RunPod"], 0.39, [])
    assert found["orphans"][0]["reason"] == "no registry entry asks for it"


async def test_those_that_are_named_are_ended(api: httpx.AsyncClient) -> None:
    answer = await api.post("/orphans/end", json={"machines": ["pod1"]})
    assert answer.json()["ended"] == ["pod1"]
    assert (await api.post("/orphans/end", json={"machines": []})).status_code == 422


async def test_without_a_worker_it_is_not_said_that_there_are_none(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "LOOKING_SECONDS", 0.0)
    answer = await api.get("/orphans")
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "orphans_unknown")
