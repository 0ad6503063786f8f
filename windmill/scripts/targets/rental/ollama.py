"""Ollama serves a model only once it was told to fetch it; it goes on where it was cut off.

Source: Ollama's API document, `POST /api/pull`: lines of JSON, the last of which says `success`.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from .errors import ModelNotFetched

PAUSE_SECONDS = 2.0
# Providers' proxies answer so for a server that is not up yet, or cut what takes long.
NOT_YET = (404, 502, 503, 504, 524)


def pull(
    client: httpx.Client,
    url: str,
    model: str,
    *,
    patience_seconds: float,
    now: Callable[[], float],
    sleep: Callable[[float], None],
    say: Callable[[str], None],
) -> None:
    """Raises ModelNotFetched when Ollama refuses, or says nothing new for so long."""
    last, news = "does not answer yet", now()
    while True:
        try:
            for line in _lines(client, url, model):
                if line != last:
                    last, news = line, now()
                    say(f"{model}: {line}")
                if line == "success":
                    return
        except httpx.HTTPError as error:
            reason = type(error).__name__
        else:
            reason = last
        if now() - news > patience_seconds:
            raise ModelNotFetched(model=model, reason=reason)
        sleep(PAUSE_SECONDS)


def _lines(client: httpx.Client, url: str, model: str) -> Iterator[str]:
    with client.stream("POST", f"{url}/api/pull", json={"model": model}) as answer:
        if answer.status_code in NOT_YET:
            return
        for text in answer.iter_lines():
            yield _read(model, text)
        if not answer.is_success:
            raise ModelNotFetched(model=model, reason=f"status {answer.status_code}")


def _read(model: str, text: str) -> str:
    try:
        told: dict[str, Any] = json.loads(text)
    except ValueError:
        return ""
    if "error" in told:
        raise ModelNotFetched(model=model, reason=str(told["error"])[:500])
    total, done = told.get("total"), told.get("completed", 0)
    share = f" {100 * done // total} %" if total else ""
    return f"{told.get('status', '')}{share}"
