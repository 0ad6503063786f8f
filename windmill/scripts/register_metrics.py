"""Tell Prometheus where the deployment's metrics are.

Gives `targets`: how many addresses are watched.
"""

from typing import Any

from .provision.metrics_targets import register_targets
from .store.opened import open_registry


def main(deployment_id: str) -> dict[str, Any]:
    registry = open_registry()
    count = register_targets(registry.require(deployment_id))
    message = f"{count} addresses are watched" if count else "no monitoring here: nobody watches"
    registry.record(deployment_id, "metrics", message)
    print(message)
    return {"targets": count}
