"""Tell what came of a run: a line in the log, an event, and people through n8n where it is set."""

from typing import Any

from .model.deployment import Deployment, State
from .notifications import NotDelivered, deliver
from .store.opened import open_registry
from .store.registry import Registry


def main(deployment_id: str) -> dict[str, Any]:
    registry = open_registry()
    deployment = registry.require(deployment_id)
    text = sentence(deployment)
    registry.record(deployment_id, "notify", text)
    print(text)
    tell_people(registry, deployment, text)
    return {
        "deployment_id": deployment.id,
        "name": deployment.name,
        "state": deployment.state.value,
        "revision": deployment.revision,
        "changed": deployment.changed,
        "endpoint_url": deployment.endpoint_url,
        "urls": deployment.urls,
    }


def tell_people(registry: Registry, deployment: Deployment, text: str) -> None:
    """Whoever was not told is no reason to fail what is live."""
    subject = f"{deployment.name}: {deployment.state.value}"
    try:
        if deliver(subject, text):
            registry.record(deployment.id, "notify", "people were told through n8n")
    except NotDelivered as error:
        registry.record(deployment.id, "notify", f"the notification was not delivered: {error}")


def sentence(deployment: Deployment) -> str:
    if deployment.state == State.destroyed:
        return f"{deployment.name} is destroyed; nothing of it is left"
    if not deployment.changed:
        return f"nothing changed: {deployment.name} already runs revision {deployment.revision}"
    return f"{deployment.name} revision {deployment.revision} is live at {deployment.endpoint_url}"
