"""Ask a deployed pipeline something. Only what its OpenAPI document offers is called.

Gives what the pipeline's API answers.
"""

from typing import Any

from .model.base.errors import NoAnswer
from .provision.endpoint import call, offered
from .store.opened import open_registry
from .targets.selection import target_of
from .worker.instance import key_of


def main(deployment_id: str, path: str, body: dict) -> Any:  # type: ignore[type-arg]
    deployment = open_registry().require(deployment_id)
    key = key_of(deployment.id)
    with target_of(deployment).reach(deployment) as reach:
        document = call(deployment, key, "GET", "/openapi.json", reach=reach)
        paths = [offer["path"] for offer in offered(document)]
        if path not in paths:
            raise NoAnswer(name=deployment.name, reason=f"it offers {', '.join(paths)}, not {path}")
        return call(deployment, key, "POST", path, body, reach)
