"""Wait until every process of the deployment answers, or say which one does not and why."""

from typing import Any

from .model.drawing.deployment import State
from .provision.health import probes_of, wait_until_healthy
from .provision.services import services_of
from .provision.urls import urls_of
from .store.opened import open_registry
from .worker.instance import components


def main(deployment_id: str, patience_seconds: int = 120) -> dict[str, Any]:
    registry = open_registry()
    deployment = registry.require(deployment_id)
    services = services_of(registry.pipeline(deployment_id), components())
    seconds = wait_until_healthy(probes_of(deployment, services), patience_seconds, print)
    registry.publish(deployment_id, urls_of(deployment, services))
    registry.record(deployment_id, "health", "every process answers", data={"seconds": seconds})
    live = registry.finish(deployment_id, State.live)
    return {"state": live.state.value, "endpoint_url": live.endpoint_url, "seconds": seconds}
