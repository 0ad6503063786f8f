"""Destroy a deployment: its processes, files and everything Terraform created for it.

Gives `deployment_id` and `destroyed`.
"""

# extra_requirements:
# ansible-core
# uv

from typing import Any

from .model.drawing.deployment import State
from .store.opened import open_registry
from .targets.teardown import tear_down
from .worker.instance import asset, run_is_over, started_by, this_run


def main(deployment_id: str) -> dict[str, Any]:
    registry = open_registry()
    deployment = registry.begin_destroy(deployment_id, this_run(), started_by(), run_is_over)
    tear_down(deployment, registry.root_config(deployment.id), asset("ansible"), asset("terraform"))
    registry.finish(deployment.id, State.destroyed)
    return {"deployment_id": deployment.id, "destroyed": True}
