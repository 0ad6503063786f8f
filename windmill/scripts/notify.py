"""Tell what came of a run: a line in the log, an event, and people through n8n where it is set.

Gives `deployment_id`, `name`, `state`, `revision`, `changed`, `endpoint_url` and `urls`.
"""

from typing import Any

from .model.drawing.deployment import Deployment, State
from .store.opened import open_registry
from .worker.kept_notifications import tell_of


def main(deployment_id: str) -> dict[str, Any]:
    registry = open_registry()
    deployment = registry.require(deployment_id)
    text = sentence(deployment)
    registry.record(deployment_id, "notify", text)
    print(text)
    subject = f"{deployment.name}: {deployment.state.value}"
    tell_of(registry, deployment_id, subject, text)
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
        left = deployment.error
        return f"{deployment.name} is destroyed; {left or 'nothing of it is left'}"
    if not deployment.changed:
        return f"nothing changed: {deployment.name} already runs revision {deployment.revision}"
    return f"{deployment.name} revision {deployment.revision} is live at {deployment.endpoint_url}"
