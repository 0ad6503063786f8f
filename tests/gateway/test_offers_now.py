"""What providers offer at this moment, asked by a worker."""

import httpx


async def test_what_a_worker_found_is_told_with_whom_it_did_not_ask(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get("/offers/now", params={"gpu": "L4", "spot": "true"})
    assert answer.status_code == 200, answer.text
    (one,) = answer.json()["candidates"]
    assert (one["offer"]["gpu"], one["offer"]["spot"]) == ("L4", True)
    assert answer.json()["not_asked"] == {"runpod": "no key is stored"}


async def test_a_worker_that_fails_and_a_word_that_is_none_are_told(api: httpx.AsyncClient) -> None:
    broken = await api.get("/offers/now", params={"gpu": "broken"})
    assert (broken.status_code, broken.json()["error"]["code"]) == (502, "offers_unknown")
    assert "a worker that fails" in broken.json()["error"]["message"]
    assert (await api.get("/offers/now", params={"colour": "red"})).status_code == 422
