"""After a failed step: destroy what was created, and tell people."""

# extra_requirements:
# ansible-core
# uv

from typing import Any

from .model.drawing.deployment import Deployment, State
from .store.opened import open_registry
from .store.registry import Registry
from .targets.teardown import tear_down
from .worker.instance import asset
from .worker.notifications import tell_people


def main(error: dict | None = None, deployment_id: str | None = None) -> dict[str, Any]:  # type: ignore[type-arg]
    message = reason(error or {})
    print(message)
    if deployment_id is None:  # validation refused it: nothing was registered, nothing exists
        tell_people("a deployment was refused", message, print)
        return {"error": message, "created": False, "destroyed": False}
    registry = open_registry()
    deployment = registry.require(deployment_id)
    if deployment.live_revision:
        return keep(registry, deployment, message)
    return destroy(registry, deployment, message)


def tell(registry: Registry, deployment: Deployment, text: str) -> None:
    def record(told: str) -> None:
        registry.record(deployment.id, "notify", told)

    tell_people(f"{deployment.name}: failed", f"{deployment.name}: {text}", record)


def destroy(registry: Registry, deployment: Deployment, message: str) -> dict[str, Any]:
    registry.record(deployment.id, "failure", message, "error")
    try:
        root = registry.root_config(deployment.id)
        tear_down(deployment, root, asset("ansible"), asset("terraform"))
    except Exception as trouble:
        left = f"{message}; destroying what was created failed too: {trouble}"
        registry.finish(deployment.id, State.failed, left)
        registry.record(deployment.id, "failure", f"run `mlops destroy {deployment.id}`", "error")
        tell(registry, deployment, f"{left}; run `mlops destroy {deployment.id}`")
        raise
    registry.finish(deployment.id, State.failed, message)
    registry.record(deployment.id, "failure", "what was created is destroyed")
    tell(registry, deployment, f"{message}; what was created is destroyed")
    return {"error": message, "deployment_id": deployment.id, "created": True, "destroyed": True}


def keep(registry: Registry, deployment: Deployment, message: str) -> dict[str, Any]:
    """A failed update must not take down what people use: it stays, marked degraded."""
    registry.record(deployment.id, "failure", message, "error")
    registry.finish(deployment.id, State.degraded, message)
    tell(registry, deployment, f"{message}; revision {deployment.live_revision} stays")
    return {"error": message, "deployment_id": deployment.id, "created": True, "destroyed": False}


def reason(error: dict[str, Any]) -> str:
    step = error.get("step_id")
    message = str(error.get("message") or error.get("name") or "a step failed")
    return f"step {step!r} failed: {message}" if step else message
