"""Ask a deployed pipeline something. Only what its OpenAPI document offers is called.

Gives what the pipeline's API answers; to a CSV file, the same file with what is predicted.
"""

from typing import Any

from .model.base.errors import NoAnswer
from .provision.endpoint import call, offered, score, takes_csv
from .store.opened import open_registry
from .targets.selection import target_of
from .worker.instance import key_of


def main(
    deployment_id: str,
    path: str,
    body: dict | None = None,  # type: ignore[type-arg]
    csv: str | None = None,
) -> Any:
    deployment = open_registry().require(deployment_id)
    key = key_of(deployment.id)
    with target_of(deployment).reach(deployment) as reach:
        document = call(deployment, key, "GET", "/openapi.json", reach=reach)
        paths = takes_csv(document) if csv else [offer["path"] for offer in offered(document)]
        if path not in paths:
            raise NoAnswer(name=deployment.name, reason=f"it offers {', '.join(paths)}, not {path}")
        if csv:
            return score(deployment, key, path, csv, reach)
        return call(deployment, key, "POST", path, body or {}, reach)
