"""A deployment as the registry knows it."""

from typing import Any

from .store.opened import open_registry


def main(deployment_id: str) -> dict[str, Any]:
    return open_registry().require(deployment_id).model_dump(mode="json")
