"""A deployment as the registry knows it.

Gives `id`, `name`, `state`, `target`, `revision`, `endpoint_url` and more.
"""

from typing import Any

from .store.opened import open_registry


def main(deployment_id: str) -> dict[str, Any]:
    return open_registry().require(deployment_id).model_dump(mode="json")
