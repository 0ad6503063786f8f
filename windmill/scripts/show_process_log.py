"""The last lines that a process of a deployment wrote on its host, without secrets and escapes.

Gives `lines`, oldest first; none where it wrote nothing.
"""

from typing import Any

from .model.drawing.services import services_of
from .provision.llms.handed_secrets import handed_secrets
from .provision.process_log import MOST_LINES, log_of, shown
from .store.opened import open_registry
from .targets.selection import target_of
from .worker.instance import components


def main(deployment_id: str, process: str = "api", lines: int = 200) -> dict[str, Any]:
    registry = open_registry()
    deployment = registry.require(deployment_id)
    pipeline = registry.pipeline(deployment_id)
    target = target_of(deployment)
    probes = target.probes(deployment, services_of(pipeline, components()))
    log = log_of(probes, process, deployment.name)
    secrets = list(handed_secrets(registry, deployment, pipeline))
    with target.reach(deployment) as reach:
        return {"lines": shown(reach.tail(log, max(1, min(lines, MOST_LINES))), secrets)}
