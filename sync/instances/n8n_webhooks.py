"""Whether n8n answers where a workflow listens: it says "published" before it listens."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from windmill.scripts.model.base.url_path import url_path

from ..errors import N8nError

LISTENS = {"n8n-nodes-base.webhook", "n8n-nodes-base.formTrigger"}
# n8n takes up what it dropped when its lease of two minutes is over.
OPENS_WITHIN_SECONDS = 150.0
PUBLISHED_AGAIN_AFTER_SECONDS = 20.0
_FIX = "Read n8n's own log and the workflow in its editor; then push again."


def paths_of(workflow: Mapping[str, Any]) -> Iterator[str]:
    """Those that a request reaches by their name alone."""
    for node in workflow["nodes"]:
        given = node.get("parameters", {})
        # A form's stands among its options.
        path = str(given.get("path") or given.get("options", {}).get("path", ""))
        if node["type"] in LISTENS and not node.get("disabled") and path and ":" not in path:
            yield path


def await_webhooks(
    is_open: Callable[[str], bool],
    workflow: Mapping[str, Any],
    publish: Callable[[], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Publishes again what does not come. Raises N8nError where it never does."""
    waited, published, pause = 0.0, 0.0, 0.05
    while closed := [path for path in paths_of(workflow) if not is_open(path)]:
        if waited >= OPENS_WITHIN_SECONDS:
            what = f"n8n published {workflow['name']!r} and does not answer there"
            raise N8nError(what, f"/webhook/{url_path(closed[0])}", _FIX)
        if waited - published >= PUBLISHED_AGAIN_AFTER_SECONDS:
            publish()
            published = waited
        sleep(pause)
        waited += pause
        pause = min(2 * pause, 2.0)


def is_open(http: httpx.Client, base_url: str, path: str) -> bool:
    """Asked as a browser asks beforehand, which starts nothing.

    An n8n whose webhooks are served elsewhere names no methods, and is taken at its word.
    """
    url = f"{base_url}/webhook/{url_path(path.strip('/'))}"
    try:
        answer = http.options(url, headers={"Origin": "http://localhost"})
    except httpx.HTTPError:
        return False
    return bool(answer.headers.get("Access-Control-Allow-Methods", "*").strip() != "OPTIONS")
