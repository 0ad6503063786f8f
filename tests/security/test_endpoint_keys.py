"""The key of a deployment is sent to that deployment, and to no address that looks like it."""

from typing import Any

import httpx
import pytest

from serving.outgoing import Allowed, Gate, endpoint_keys
from windmill.scripts import call_http
from windmill.scripts.model.drawing.deployment import Deployment

OWN = "http://127.0.0.1:20100"
KEY = "mk-1"
ADDRESSES = [
    (f"{OWN}/chat", KEY),
    ("http://127.0.0.1:20100", KEY),
    ("HTTP://127.0.0.1:20100/v1/models?x=1", KEY),
    ("http://127.0.0.1:20101/chat", ""),
    ("http://127.0.0.1:2010/chat", ""),
    ("https://127.0.0.1:20100/chat", ""),
    ("http://localhost:20100/chat", ""),
    ("http://127.0.0.1.evil.example:20100/chat", ""),
    ("http://evil.example/http://127.0.0.1:20100/", ""),
    ("http://evil.example:20100/#127.0.0.1:20100", ""),
]


@pytest.mark.parametrize(("url", "key"), ADDRESSES)
def test_a_pipeline_shows_the_key_to_whom_it_belongs(url: str, key: str) -> None:
    keys = endpoint_keys({"ENDPOINT_KEYS": f"{OWN}={KEY} http://127.0.0.1:9=mk-2"})
    sent = Gate(Allowed(), keys=keys)._key_for(httpx.URL(url))
    assert sent == ({"Authorization": f"Bearer {key}"} if key else {})


@pytest.mark.parametrize(("url", "key"), ADDRESSES)
def test_a_call_of_an_entry_shows_the_key_to_whom_it_belongs(
    url: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _sent(monkeypatch, url).get("Authorization") == (f"Bearer {key}" if key else None)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"token": "of-the-entry"}, "Bearer of-the-entry"),
        ({"headers": {"authorization": "x"}}, "x"),
    ],
)
def test_what_an_entry_says_itself_stands(
    given: dict[str, Any], sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {name.lower(): value for name, value in _sent(monkeypatch, OWN, **given).items()}
    assert headers == {"authorization": sent}


def _sent(monkeypatch: pytest.MonkeyPatch, url: str, **given: Any) -> dict[str, str]:
    """The headers of the call, which is not made."""
    own = Deployment.model_construct(id="d1", endpoint_url=OWN)
    seen: dict[str, str] = {}

    def request(method: str, url: str, allowed: object, headers: Any, body: Any) -> httpx.Response:
        seen.update(headers)
        return httpx.Response(200, json={})

    monkeypatch.setattr(call_http, "own_endpoints", lambda: {("127.0.0.1", 20100): own})
    monkeypatch.setattr(call_http, "key_of", {"d1": KEY}.__getitem__)
    monkeypatch.setattr(call_http, "request", request)
    call_http.main(url, **given)
    return seen
