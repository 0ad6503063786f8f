"""One HTTP call of a catalog entry; an answer that is not a success fails the step.

Gives `status` and `body` of the answer.
"""

import os
from typing import Any
from urllib.parse import urlsplit

from .model.base.windmill_references import unmarked
from .provision.errors import CallFailed
from .provision.outgoing import PORTS, Allowed, request
from .store.opened import open_registry


def main(
    url: str,
    method: str = "POST",
    headers: dict | None = None,  # type: ignore[type-arg]
    token: str = "",
    body: dict | None = None,  # type: ignore[type-arg]
) -> dict[str, Any]:
    url, headers, body = unmarked(url), unmarked(headers), unmarked(body)
    given = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
    allowed = Allowed.of(os.environ.get("ALLOW_ADDRESSES", ""), own_endpoints())
    answer = request(method, url, allowed, given, body)
    print(f"{method} {urlsplit(url).hostname} answered {answer.status_code}")
    if not answer.is_success:
        raise CallFailed(method, url.partition("?")[0], answer.status_code, answer.text[:500])
    return {"status": answer.status_code, "body": _body(answer)}


def own_endpoints() -> set[tuple[str, int]]:
    """What this platform deployed may be called, wherever it stands."""
    known = open_registry().list()
    urls = [urlsplit(each.endpoint_url) for each in known if not each.is_private]
    return {
        (url.hostname, url.port or PORTS[url.scheme])
        for url in urls
        if url.hostname and url.scheme in PORTS
    }


def _body(answer: Any) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text
