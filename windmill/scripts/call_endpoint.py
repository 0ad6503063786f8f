"""Ask a deployed pipeline something. Only what its OpenAPI document offers is called.

Gives what the pipeline's API answers.
"""

from typing import Any

from .model.base.errors import NoAnswer
from .provision.endpoint import call, offered
from .store.opened import open_registry
from .worker.instance import key_of


def main(deployment_id: str, path: str, body: dict) -> Any:  # type: ignore[type-arg]
    deployment = open_registry().require(deployment_id)
    key = key_of(deployment.id)
    paths = [offer["path"] for offer in offered(call(deployment, key, "GET", "/openapi.json"))]
    if path not in paths:
        raise NoAnswer(name=deployment.name, reason=f"it offers {', '.join(paths)}, not {path}")
    return call(deployment, key, "POST", path, body)
