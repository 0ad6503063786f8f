"""Signed events: what starts a run, and what is refused with one and the same answer."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.access.errors import BadSignature
from tests.gateway.conftest import Connect, settings
from tests.gateway.stack import Stack

SECRET = "a-webhook-secret-for-tests"
BODY = b'{ "pipeline": "rag-chatbot",  "inputs": {"documents": "/d\xc3\xa4ta"}, "target": "local" }'


@pytest.fixture
async def signed(connect: Connect) -> AsyncIterator[httpx.AsyncClient]:
    async with connect(webhook_secret=SECRET) as http:
        yield http


def headers(body: bytes = BODY, key: bytes = SECRET.encode(), age: float = 0) -> dict[str, str]:
    id, timestamp = str(uuid.uuid4()), str(int(time.time() - age))
    message = f"{id}.{timestamp}.".encode() + body
    digest = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{digest}",
    }


async def send(
    api: httpx.AsyncClient, headers: dict[str, str], body: bytes = BODY
) -> httpx.Response:
    return await api.post("/api/v1/webhooks/deploy", content=body, headers=headers)


async def test_a_signed_event_starts_the_pipeline(signed: httpx.AsyncClient, stack: Stack) -> None:
    answer = await send(signed, headers())
    assert answer.status_code == 202, answer.text
    assert "/api/v1/pipelines/" in answer.json()["status_url"]
    with stack.windmill() as windmill:
        job = windmill.get(f"/jobs_u/get/{answer.json()['id']}").json()
    assert job["script_path"] == "f/mlops/catalog/pipelines/rag-chatbot"
    assert job["args"]["documents"] == "/däta"


async def test_an_old_and_a_new_secret_may_sign_together(signed: httpx.AsyncClient) -> None:
    sent = headers()
    sent["webhook-signature"] = f"v1,b2xk {sent['webhook-signature']}"
    assert (await send(signed, sent)).status_code == 202


async def test_a_secret_of_standard_webhooks_is_decoded(connect: Connect) -> None:
    key = b"twenty-four random bytes"
    async with connect(webhook_secret=f"whsec_{base64.b64encode(key).decode()}") as api:
        assert (await send(api, headers(key=key))).status_code == 202


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,é".encode()},
        {"webhook-id": "another"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(int(time.time()) + 5)},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "²".encode()},
    ],
    ids=["forged", "unsigned", "not ASCII", "other id", "no id", "later", "no number", "odd digit"],
)
async def test_what_is_not_what_was_signed_is_refused(
    signed: httpx.AsyncClient, stack: Stack, changes: dict[str, Any]
) -> None:
    before = stack.started()
    refused(await send(signed, {**headers(), **changes}))
    assert stack.started() == before


@pytest.mark.parametrize("age", [310, -310])
async def test_an_event_of_another_time_is_refused(signed: httpx.AsyncClient, age: int) -> None:
    refused(await send(signed, headers(age=age)))


async def test_a_body_that_was_only_laid_out_anew_is_refused(signed: httpx.AsyncClient) -> None:
    refused(await send(signed, headers(), json.dumps(json.loads(BODY)).encode()))


async def test_an_event_is_accepted_once_also_by_another_gateway(
    signed: httpx.AsyncClient, connect: Connect, stack: Stack
) -> None:
    sent, before = headers(), stack.started()
    answers = await asyncio.gather(*(send(signed, sent) for _ in range(5)))
    accepted = [answer for answer in answers if answer.status_code == 202]
    assert len(accepted) == 1
    async with connect(webhook_secret=SECRET) as restarted:
        refused(await send(restarted, sent))
    assert stack.started() == sorted([*before, accepted[0].json()["id"]])


async def test_without_a_secret_nothing_is_accepted(api: httpx.AsyncClient) -> None:
    refused(await send(api, headers()))


async def test_a_signature_does_not_stand_in_for_the_key(connect: Connect) -> None:
    async with connect(webhook_secret=SECRET, api_key="a-key-of-the-gateway") as api:
        assert (await send(api, headers())).status_code == 401
        sent = {**headers(), "Authorization": "Bearer a-key-of-the-gateway"}
        assert (await send(api, sent)).status_code == 202


@pytest.mark.parametrize("body", [b"{", b'{"pipeline": 1}', b"", b'"text"'])
async def test_what_a_signed_event_gets_wrong_is_said(
    signed: httpx.AsyncClient, body: bytes
) -> None:
    answer = await send(signed, headers(body), body)
    assert answer.status_code == 422
    assert answer.json()["error"]["problems"]


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("whsec_this is not base64!", "what stands behind whsec_ is not Base64"),
        ("whsec_***", "what stands behind whsec_ is not Base64"),
        ("whsec_********************************", "what stands behind whsec_ is not Base64"),
        ("whsec_", "it has 0 bytes behind whsec_ and must have at least 16"),
        ("whsec_AAAAAAAAAAAAAAAAAAAA", "it has 15 bytes behind whsec_ and must have at least 16"),
        ("please-change-me-soon", "stands for a secret and is none"),
        ("xxxxxxxxxxxxxxxxxxxx", "stands for a secret and is none"),
        ("fifteen letters", "it has 15 bytes and must have at least 16"),
    ],
)
def test_a_secret_that_could_be_guessed_is_refused_at_the_start(
    stack: Stack, secret: str, told: str
) -> None:
    with pytest.raises(ValueError, match="webhook_secret") as caught:
        settings(stack, webhook_secret=secret)
    assert told in str(caught.value)
    assert secret.removeprefix("whsec_") not in str(caught.value) or secret == "whsec_"


async def test_a_secret_of_16_bytes_signs(connect: Connect) -> None:
    key = b"sixteen  letters"
    async with connect(webhook_secret=f"whsec_{base64.b64encode(key).decode()}") as api:
        assert (await send(api, headers(key=key))).status_code == 202


def refused(answer: httpx.Response) -> None:
    """Whatever is wrong, the sender is told the same."""
    assert answer.status_code == 401
    error = answer.json()["error"]
    assert (error["code"], error["fix"]) == (BadSignature.code, BadSignature.fix)
    assert error["message"].startswith(str(BadSignature.__doc__))
