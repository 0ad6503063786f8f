"""Questions to a deployed pipeline."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from cli.clients.tunnel import LOOPBACK, free_port, port_of, private_place, tunnel
from cli.platform.embedded import is_loopback
from windmill.scripts.model.base.errors import NoAnswer

TIMEOUT_SECONDS = 300
ANSWERING = ("live", "degraded")
OnToken = Callable[[str], None]


def endpoint_of(status: dict[str, Any]) -> str:
    """Raises NoAnswer for what is not live."""
    if status["state"] not in ANSWERING or not status["endpoint_url"]:
        reason = f"it is {status['state']}"
        fix = f"mlops status {status['name']}"
        raise NoAnswer(name=status["name"], reason=reason, fix=fix)
    return str(status["endpoint_url"]).rstrip("/")


@contextmanager
def reached(status: dict[str, Any]) -> Iterator[str]:
    """The endpoint, at an address of this machine where a tunnel must lead to it."""
    endpoint, place = endpoint_of(status), private_place(status)
    if place is None:
        yield endpoint
        return
    port = free_port()
    with tunnel(status["name"], place, {port: port_of(place, endpoint)}):
        yield f"http://{LOOPBACK}:{port}"


def reading_of(name: str, endpoint: str, key: str) -> dict[str, Any]:
    """What it has read of its data, and what not. Raises NoAnswer."""
    import httpx

    url = f"{endpoint}/reading"
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=not is_loopback(url)) as http:
            response = http.get(url, headers=bearer(key))
    except httpx.HTTPError as error:
        raise silent(name, url, error) from error
    if not response.is_success:
        raise refused(name, response.text)
    report: dict[str, Any] = response.json()
    return report


def ask(name: str, endpoint: str, key: str, question: str, on_token: OnToken) -> dict[str, Any]:
    """The whole answer with its sources; the words are handed on as they come."""
    import httpx

    body = {"question": question, "stream": True}
    url = f"{endpoint}/chat"
    try:
        with (
            httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=not is_loopback(url)) as http,
            http.stream("POST", url, json=body, headers=bearer(key)) as response,
        ):
            if not response.is_success:
                response.read()
                raise refused(name, response.text)
            return _collect(name, events(response.iter_lines()), on_token)
    except httpx.HTTPError as error:
        raise silent(name, url, error) from error


def silent(name: str, url: str, error: Exception) -> NoAnswer:
    reason = f"{url} does not answer ({error})"
    return NoAnswer(name=name, reason=reason, fix=f"mlops status {name}")


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def events(lines: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Server-sent events: (name, data)."""
    name, data = "message", ""
    for line in lines:
        if not line and data:
            yield name, json.loads(data)
            name, data = "message", ""
        elif line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data += line[5:].strip()


def _collect(
    name: str, stream: Iterable[tuple[str, dict[str, Any]]], on_token: OnToken
) -> dict[str, Any]:
    sources: list[Any] = []
    for kind, data in stream:
        if kind == "sources":
            sources = data["sources"]
        elif kind == "token":
            on_token(data["text"])
        elif kind == "done":
            return {**data, "sources": sources}
        elif kind == "error":
            raise refused(name, data)
    raise NoAnswer(name=name, reason="the answer broke off", fix=f"mlops status {name}")


def refused(name: str, told: str | dict[str, Any]) -> NoAnswer:
    """`told`: a body, or what stands in an event."""
    try:
        error = (json.loads(told) if isinstance(told, str) else told)["error"]
        return NoAnswer(name=name, reason=error["message"], fix=error.get("fix") or "")
    except (ValueError, KeyError, TypeError):
        return NoAnswer(name=name, reason=str(told)[:200], fix=f"mlops status {name}")


def source_lines(sources: Iterable[dict[str, Any]]) -> Iterator[str]:
    for number, source in enumerate(sources, 1):
        page = f", page {source['page']}" if source.get("page") else ""
        section = f" · {source['section']}" if source.get("section") else ""
        yield f"[{number}] {source['document']}{page}{section}"
        yield f"    {shortened(source.get('highlight') or source['passage'])}"


def shortened(text: str, limit: int = 160) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"
