"""Write the root configuration: data as JSON that calls one of our modules.

Gives the root configuration.
"""

from typing import Any

from .provision.root_config import render_root
from .store.opened import open_registry
from .targets.protocol import Order
from .targets.selection import target_of
from .worker.instance import components


def main(deployment_id: str) -> dict[str, Any]:
    registry = open_registry()
    deployment = registry.require(deployment_id)
    target = target_of(deployment)
    order = Order(deployment, registry.pipeline(deployment_id), components())
    root = render_root(target.name, target.variables(order), target.outputs, target.secrets)
    registry.keep_root_config(deployment_id, root)
    print(f"main.tf.json for revision {deployment.revision} calls module {target.name}")
    return root
