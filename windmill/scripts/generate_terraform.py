"""Write the root configuration: data as JSON that calls one of our modules.

Gives the root configuration.
"""

from typing import Any

from .store.opened import open_registry
from .targets.protocol import Order
from .targets.root import root_of
from .worker.instance import components


def main(deployment_id: str) -> dict[str, Any]:
    registry = open_registry()
    deployment = registry.require(deployment_id)
    root = root_of(Order(deployment, registry.pipeline(deployment_id), components()))
    registry.keep_root_config(deployment_id, root)
    print(f"main.tf.json for revision {deployment.revision} calls module {deployment.target}")
    return root
