"""Tell what came of a run: a line in the log and an event, for now."""

from typing import Any

from .model.deployment import Deployment, State
from .store.opened import open_registry


def main(deployment_id: str) -> dict[str, Any]:
    registry = open_registry()
    deployment = registry.require(deployment_id)
    text = sentence(deployment)
    registry.record(deployment_id, "notify", text)
    print(text)
    return {
        "deployment_id": deployment.id,
        "name": deployment.name,
        "state": deployment.state.value,
        "revision": deployment.revision,
        "changed": deployment.changed,
        "endpoint_url": deployment.endpoint_url,
        "urls": deployment.urls,
    }


def sentence(deployment: Deployment) -> str:
    if deployment.state == State.destroyed:
        return f"{deployment.name} is destroyed; nothing of it is left"
    if not deployment.changed:
        return f"nothing changed: {deployment.name} already runs revision {deployment.revision}"
    return f"{deployment.name} revision {deployment.revision} is live at {deployment.endpoint_url}"
