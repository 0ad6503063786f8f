"""What a deployed pipeline can be asked: its POST routes, as its OpenAPI document tells them.

Gives `offers`: each with `path`, `summary` and an `example` of what is sent.
"""

from typing import Any

from .provision.endpoint import call, offered
from .store.opened import open_registry
from .worker.instance import key_of


def main(deployment_id: str) -> dict[str, Any]:
    deployment = open_registry().require(deployment_id)
    document = call(deployment, key_of(deployment.id), "GET", "/openapi.json")
    return {"offers": offered(document)}
