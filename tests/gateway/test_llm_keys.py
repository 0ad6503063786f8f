"""Keys of language models' providers: stored with their address, listed without the keys."""

import json
from typing import Any

import httpx
import pytest

from tests.gateway.stack import Stack

pytestmark = pytest.mark.slow
SECRET = "sk-canary-31c7"
PLACE = "f/mlops/llm_keys/"


def kept(stack: Stack, name: str) -> Any:
    with stack.windmill() as http:
        answer = http.get(f"/variables/get/{PLACE}{name}", params={"decrypt_secret": "true"})
    return answer.json() if answer.is_success else None


async def test_a_key_is_kept_as_a_secret_with_its_address(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    body = {"base_url": "HTTPS://LLM.example:443/v1/", "key": SECRET}
    for _ in range(2):
        answer = await api.put("/llm-keys/big_one", json=body)
        told = {"name": "big_one", "base_url": "https://llm.example/v1"}
        assert (answer.status_code, answer.json()) == (200, told)
    variable = kept(stack, "big_one")
    assert variable["is_secret"]
    assert json.loads(variable["value"]) == {"base_url": told["base_url"], "key": SECRET}
    listed = await api.get("/llm-keys")
    assert told in listed.json()
    assert SECRET not in listed.text
    assert (await api.delete("/llm-keys/big_one")).json() == told
    assert kept(stack, "big_one") is None
    assert told not in (await api.get("/llm-keys")).json()


async def test_one_without_an_address_is_listed_as_such(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    body = {"path": f"{PLACE}old", "value": SECRET, "is_secret": True, "description": "mine"}
    with stack.windmill() as http:
        http.post("/variables/create", json=body).raise_for_status()
    assert {"name": "old", "base_url": ""} in (await api.get("/llm-keys")).json()
    await api.delete("/llm-keys/old")


@pytest.mark.parametrize(
    ("name", "base_url", "key"),
    [
        ("big_one", "https://user:pw@llm.example/v1", SECRET),
        ("big_one", "llm.example", SECRET),
        ("big_one", "https://llm.example/v1/../x", SECRET),
        ("big_one", "https://llm.example/v1", ""),
        ("big_one", "https://llm.example/v1", f"{SECRET}\nX: y"),
        ("Big-One", "https://llm.example/v1", SECRET),
        ("..%2fsecret_key", "https://llm.example/v1", SECRET),
    ],
)
async def test_what_cannot_be_an_address_or_a_key_is_refused_without_repeating_it(
    stack: Stack, api: httpx.AsyncClient, name: str, base_url: str, key: str
) -> None:
    answer = await api.put(f"/llm-keys/{name}", json={"base_url": base_url, "key": key})
    assert answer.status_code in {404, 422}
    assert SECRET not in answer.text
    assert kept(stack, "big_one") is None


async def test_removing_what_is_not_there_is_told(api: httpx.AsyncClient) -> None:
    answer = await api.delete("/llm-keys/nobody")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
