"""The reference library of Standard Webhooks is the judge: what it signs is taken, whichever way a
secret is written, and what is signed here it takes.
"""

import base64
import sys
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from cli.platform.home import Home
from gateway.access.errors import BadSignature
from gateway.http.webhook_signature import Event, sign, verify
from tests.tools.needs import need

pytestmark = pytest.mark.slow

KEY = bytes(range(32))
BARE = base64.b64encode(KEY).decode()
BODY = '{"pipeline": "rag-chatbot", "inputs": {"documents": "/däta"}}'


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(need("standardwebhooks")))
    yield __import__("standardwebhooks").Webhook
    sys.modules.pop("standardwebhooks", None)


def event(library: Any, id: str = "msg_1", body: str = BODY) -> Event:
    now = datetime.now(UTC)
    signature = library.sign(id, now, BODY)
    return Event(id, str(int(now.timestamp())), tuple(signature.split()), body.encode())


@pytest.mark.parametrize("secret", [BARE, f"whsec_{BARE}"], ids=["bare", "with its prefix"])
def test_what_the_library_signs_is_taken(webhook: Any, secret: str) -> None:
    library = webhook(secret)
    verify(event(library), secret, time.time())
    with pytest.raises(BadSignature):
        verify(event(library, body=BODY + " "), secret, time.time())
    with pytest.raises(BadSignature):
        verify(event(webhook(base64.b64encode(KEY[::-1]).decode())), secret, time.time())


def test_what_is_signed_here_the_library_takes(webhook: Any) -> None:
    secret, now = f"whsec_{BARE}", str(int(time.time()))
    headers = {"webhook-id": "msg_2", "webhook-timestamp": now}
    headers["webhook-signature"] = sign(secret, "msg_2", now, BODY.encode())
    assert webhook(secret).verify(BODY, headers)["pipeline"] == "rag-chatbot"


def test_the_secret_that_up_makes_is_one_for_the_library(webhook: Any, tmp_path: Any) -> None:
    secret = Home(tmp_path, tmp_path).secrets()["webhook_secret"]
    verify(event(webhook(secret)), secret, time.time())


def test_a_secret_taken_as_it_is_goes_on_being_taken() -> None:
    raw, now = "a-webhook-secret-for-tests", str(int(time.time()))
    verify(Event("msg_3", now, (sign(raw, "msg_3", now, b"{}"),), b"{}"), raw, time.time())
