"""Keys by which machines are rented: stored, listed by target, and never read by the gateway."""

from typing import Any

import httpx
import pytest

from tests.gateway.stack import Stack

pytestmark = pytest.mark.slow
SECRET = "rpa-canary-31c7"


def kept(stack: Stack) -> Any:
    place = "/variables/get/f/mlops/provider_keys/runpod"
    with stack.windmill() as http:
        answer = http.get(place, params={"decrypt_secret": "true"})
    return answer.json() if answer.is_success else None


async def test_a_key_is_kept_as_a_secret_replaced_and_removed(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    for key in ("first", SECRET):
        answer = await api.put("/provider-keys/runpod", json={"key": key})
        assert (answer.status_code, answer.json()) == (200, {"target": "runpod"})
    assert (kept(stack)["value"], kept(stack)["is_secret"]) == (SECRET, True)
    assert (await api.get("/provider-keys")).json() == [{"target": "runpod"}]
    assert (await api.delete("/provider-keys/runpod")).json() == {"target": "runpod"}
    assert kept(stack) is None
    again = await api.delete("/provider-keys/runpod")
    assert (again.status_code, again.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("local", SECRET),
        ("..%2fsecret_key", SECRET),
        ("runpod", ""),
        ("runpod", f"{SECRET}\nX: y"),
        ("exoscale", SECRET),
    ],
)
async def test_what_rents_nothing_or_is_no_key_is_refused_without_repeating_it(
    stack: Stack, api: httpx.AsyncClient, target: str, key: str
) -> None:
    answer = await api.put(f"/provider-keys/{target}", json={"key": key})
    assert answer.status_code in {404, 422}
    assert SECRET not in answer.text
    assert kept(stack) is None
