"""Wait until every process of the deployment answers, or say which one does not and why.

Gives `state`, `endpoint_url` and `seconds`: how long it took. What the pipeline could not read of
its sources is told in the log and by `mlops status`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from .model.base.errors import MlopsError
from .model.drawing.deployment import Deployment, State
from .model.drawing.pipeline import Pipeline
from .model.drawing.services import services_of
from .provision.health import Probe, left_out, reading_of, wait_until_healthy
from .provision.llms.handed_secrets import handed_secrets
from .provision.process_log import shown
from .store.opened import open_registry
from .store.registry import Registry
from .targets.rental.hiring import give_back_others, on_its_machine
from .targets.selection import target_of
from .worker.instance import components, key_of
from .worker.notifications import tell_people

MOST_RECORDED = 100


def main(deployment_id: str, patience_seconds: int = 120) -> dict[str, Any]:
    registry = open_registry()
    deployment = on_its_machine(registry, registry.require(deployment_id))
    pipeline = registry.pipeline(deployment_id)
    services = services_of(pipeline, components())
    target = target_of(deployment)
    probes = list(with_key(target.probes(deployment, services), key_of(deployment_id)))
    with target.reach(deployment) as reach:
        tell_log = partial(_tell_log, registry, deployment, pipeline)
        seconds = wait_until_healthy(probes, patience_seconds, print, reach, tell_log)
        apis = [probe for probe in probes if probe.service == "api"]
        unread = [line for probe in apis for line in left_out(probe, reach)]
        reports = [report for probe in apis if (report := reading_of(probe, reach))]
    registry.publish(deployment_id, target.urls(deployment, services), deployment.machine)
    _end_what_it_replaces(registry, deployment)
    for report in reports:
        registry.keep_report(deployment_id, report.of(deployment.revision))
    registry.record(deployment_id, "health", "every process answers", data={"seconds": seconds})
    if unread:
        print(*unread, sep="\n")
        data = {"not_read": unread[:MOST_RECORDED], "count": len(unread)}
        registry.record(deployment_id, "health", _notice(unread), level="warning", data=data)
    live = registry.finish(deployment_id, State.live)
    return {"state": live.state.value, "endpoint_url": live.endpoint_url, "seconds": seconds}


def _end_what_it_replaces(registry: Registry, deployment: Deployment) -> None:
    """What people use is up: an older machine that does not end is no reason to take it down."""
    try:
        give_back_others(registry, deployment, print)
    except MlopsError as error:
        for line in (error.message, error.fix):
            registry.record(deployment.id, "health", line, "error")
        tell_people(f"{deployment.name}: {error.message}", error.fix, print)


def _tell_log(
    registry: Registry, deployment: Deployment, pipeline: Pipeline, lines: Sequence[str]
) -> None:
    secrets = list(handed_secrets(registry, deployment, pipeline))
    print("the end of its log:", *shown(lines, secrets), sep="\n  ")


def _notice(unread: Sequence[str]) -> str:
    """The first in full; how many more there are the step's log tells."""
    more = f" (and {len(unread) - 1} more, in this step's log)" if unread[1:] else ""
    return f"not read: {unread[0]}{more}"


def with_key(probes: Iterable[Probe], key: str) -> Iterator[Probe]:
    """The pipeline's API tells strangers that it is not ready, and not why."""
    return (replace(probe, key=key) if probe.service == "api" else probe for probe in probes)
