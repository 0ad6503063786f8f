"""Wait until every process of the deployment answers, or say which one does not and why.

Gives `state`, `endpoint_url` and `seconds`: how long it took.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from .model.drawing.deployment import State
from .model.drawing.services import services_of
from .provision.health import Probe, wait_until_healthy
from .store.opened import open_registry
from .targets.selection import target_of
from .worker.instance import components, key_of


def main(deployment_id: str, patience_seconds: int = 120) -> dict[str, Any]:
    registry = open_registry()
    deployment = registry.require(deployment_id)
    services = services_of(registry.pipeline(deployment_id), components())
    target = target_of(deployment)
    probes = list(with_key(target.probes(deployment, services), key_of(deployment_id)))
    seconds = wait_until_healthy(probes, patience_seconds, print)
    registry.publish(deployment_id, target.urls(deployment, services))
    registry.record(deployment_id, "health", "every process answers", data={"seconds": seconds})
    live = registry.finish(deployment_id, State.live)
    return {"state": live.state.value, "endpoint_url": live.endpoint_url, "seconds": seconds}


def with_key(probes: Iterable[Probe], key: str) -> Iterator[Probe]:
    """The pipeline's API tells strangers that it is not ready, and not why."""
    return (replace(probe, key=key) if probe.service == "api" else probe for probe in probes)
