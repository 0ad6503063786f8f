"""Telling people, through the n8n that knows who and where; n8n is never waited for long."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

from .n8n_webhooks import NotGiven, authorization, variable

TRIES = 3
PAUSE_SECONDS = 1.0
# n8n itself tries each channel twice before it answers.
TIMEOUT_SECONDS = 30.0


class NotDelivered(Exception):
    """Nobody, or not everybody, was told; `nobody`: another time somebody may be."""

    def __init__(self, reason: str, *, nobody: bool = True) -> None:
        super().__init__(reason)
        self.nobody = nobody


def tell_people(subject: str, text: str, record: Callable[[str], object]) -> bool:
    """Whoever was not told is no reason to fail what was done: `record` gets it in words.

    False where it is worth to be tried again.
    """
    try:
        if deliver(subject, text):
            record("people were told through n8n")
    except NotDelivered as error:
        record(str(error))
        return not error.nobody
    return True


def deliver(subject: str, text: str) -> bool:
    """False when no n8n is set. Raises NotDelivered with the reason in words."""
    return _deliver("n8n_notify_url", {"subject": subject, "text": text})


def ask(subject: str, text: str, run: str, question: str, seconds: int) -> bool:
    """As `deliver`, with links by which people answer `question`, a job of `run`, within `seconds`.

    False also where that n8n takes no answers.
    """
    asked = {"run": run, "question": question, "seconds": seconds}
    return _deliver("n8n_approval_url", {"subject": subject, "text": text, **asked})


def _deliver(to: str, message: dict[str, Any]) -> bool:
    try:
        url, headers = variable(to), authorization()
    except NotGiven as error:
        raise NotDelivered(f"nobody could be told: {error}") from error
    if not url:
        return False
    with httpx.Client(headers=headers, timeout=TIMEOUT_SECONDS) as http:
        answer = _post(http, url, message)
    failed = _failed(answer)
    if failed:
        names = " and ".join(failed)
        reason = f"not everybody could be told: {names} did not take it"
        raise NotDelivered(reason, nobody=False)
    return True


def _post(http: httpx.Client, url: str, message: dict[str, Any]) -> httpx.Response:
    try:
        return _send(http, url, message)
    except httpx.ConnectError as error:
        raise NotDelivered("nobody could be told: n8n does not answer") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotDelivered(
            f"nobody could be told: n8n could not be asked ({type(error).__name__})"
        ) from error


def _send(http: httpx.Client, url: str, message: dict[str, Any]) -> httpx.Response:
    """Sent again only where n8n cannot have begun: nobody is to get it twice."""
    for _ in range(TRIES - 1):
        with suppress(httpx.ConnectError):
            return http.post(url, json=message)
        time.sleep(PAUSE_SECONDS)
    return http.post(url, json=message)


def _failed(answer: httpx.Response) -> list[str]:
    if not answer.is_success:
        raise NotDelivered(f"nobody could be told: n8n answered {answer.status_code}")
    try:
        told: Any = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("failed"), list):
        raise NotDelivered("nobody could be told: what answered is not our n8n workflow")
    return [str(name) for name in told["failed"]]
