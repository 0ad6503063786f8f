"""One HTTP call of a catalog entry; an answer that is not a success fails the step.

Gives `status` and `body` of the answer.
"""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .model.base.windmill_references import unmarked
from .model.drawing.deployment import Deployment
from .provision.errors import CallFailed
from .provision.outgoing import PORTS, Allowed, destination, host_of, port_of, request
from .store.opened import open_registry
from .worker.instance import key_of


def main(
    url: str,
    method: str = "POST",
    headers: dict | None = None,  # type: ignore[type-arg]
    token: str = "",
    body: dict | None = None,  # type: ignore[type-arg]
) -> dict[str, Any]:
    url, headers, body = unmarked(url), unmarked(headers), unmarked(body)
    own = own_endpoints()
    given = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
    given = given if _is_authorized(given) else {**given, **_key_for(url, own)}
    allowed = Allowed.of(os.environ.get("ALLOW_ADDRESSES", ""), own)
    answer = request(method, url, allowed, given, body)
    print(f"{method} {urlsplit(url).hostname} answered {answer.status_code}")
    if not answer.is_success:
        raise CallFailed(method, url.partition("?")[0], answer.status_code, answer.text[:500])
    return {"status": answer.status_code, "body": _body(answer)}


def own_endpoints() -> dict[tuple[str, int], Deployment]:
    """What this platform deployed may be called, wherever it stands."""
    known = [(urlsplit(each.endpoint_url), each) for each in open_registry().list()]
    return {
        (url.hostname, url.port or PORTS[url.scheme]): deployment
        for url, deployment in known
        if url.hostname and url.scheme in PORTS
    }


def _key_for(url: str, own: Mapping[tuple[str, int], Deployment]) -> dict[str, str]:
    """Of an address of our own and no other, and only asked as it is served."""
    asked = destination(url)
    deployment = own.get((host_of(asked), port_of(asked)))
    if deployment is None or urlsplit(deployment.endpoint_url).scheme != asked.scheme:
        return {}
    return {"Authorization": f"Bearer {key_of(deployment.id)}"}


def _is_authorized(headers: Mapping[str, str]) -> bool:
    return any(name.lower() == "authorization" for name in headers)


def _body(answer: Any) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text
