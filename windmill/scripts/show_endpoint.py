"""What a deployed pipeline can be asked: its POST routes, as its OpenAPI document tells them.

Gives `offers`: each with `path`, `summary` and an `example` of what is sent, `files`: the routes
that take a whole CSV file, and `takes`: what an input of a prediction is, by its `kind`, `columns`
and an `example`; null where nothing is predicted.
"""

from typing import Any

from .provision.endpoint import call, offered, takes_csv, tells_inputs
from .store.opened import open_registry
from .targets.selection import target_of
from .worker.instance import key_of


def main(deployment_id: str) -> dict[str, Any]:
    deployment = open_registry().require(deployment_id)
    with target_of(deployment).reach(deployment) as reach:
        key = key_of(deployment.id)
        document = call(deployment, key, "GET", "/openapi.json", reach=reach)
        told = tells_inputs(document)
        takes = call(deployment, key, "GET", "/predict", reach=reach) if told else None
    return {"offers": offered(document), "files": takes_csv(document), "takes": takes}
