"""Destroy a deployment: its processes, files and everything Terraform created for it.

Gives `deployment_id` and `destroyed`.
"""

# extra_requirements:
# ansible-core
# uv

from typing import Any

from .model.drawing.deployment import State
from .provision.states.shared_state import shared_state
from .store.opened import open_registry
from .targets.teardown import require_forgettable, tear_down
from .worker.instance import asset, run_is_over, started_by, this_run


def main(deployment_id: str, forget: bool = False) -> dict[str, Any]:
    """`forget`: its host is gone for good, so nobody asks it."""
    registry = open_registry()
    if forget:
        require_forgettable(registry.require(deployment_id))
    deployment = registry.begin_destroy(deployment_id, this_run(), started_by(), run_is_over)
    root = registry.root_config(deployment.id)
    shared = shared_state(registry.engine, deployment.id, this_run())
    tear_down(deployment, root, asset("ansible"), asset("terraform"), forget, shared)
    left = (
        f"what it had on {deployment.place.identity} was left"
        if forget and deployment.place
        else ""
    )
    if left:
        registry.record(deployment.id, "destroy", left, "warning")
    registry.finish(deployment.id, State.destroyed, left)
    return {"deployment_id": deployment.id, "destroyed": True}
