"""The last lines that a process of a deployment wrote on its host, without secrets and escapes.

Gives `lines`, oldest first; none where it wrote nothing.
"""

from collections.abc import Iterator
from typing import Any

from .model.base.derived_secrets import api_key, derived_secret
from .model.drawing.deployment import Deployment
from .model.drawing.llm_keys import StoredKey
from .model.drawing.pipeline import Pipeline
from .model.drawing.services import services_of
from .provision.llms.litellm_models import backends_of, named_endpoints
from .provision.process_log import MOST_LINES, log_of, shown
from .store.opened import open_registry
from .store.registry import Registry
from .targets.selection import target_of
from .worker.instance import components, platform_key, stored_key


def main(deployment_id: str, process: str = "api", lines: int = 200) -> dict[str, Any]:
    registry = open_registry()
    deployment = registry.require(deployment_id)
    pipeline = registry.pipeline(deployment_id)
    target = target_of(deployment)
    probes = target.probes(deployment, services_of(pipeline, components()))
    log = log_of(probes, process, deployment.name)
    secrets = list(_secrets(registry, deployment, pipeline))
    with target.reach(deployment) as reach:
        return {"lines": shown(reach.tail(log, max(1, min(lines, MOST_LINES))), secrets)}


def _secrets(registry: Registry, deployment: Deployment, pipeline: Pipeline) -> Iterator[str]:
    """All that its processes are handed: `configure_host`."""
    own = platform_key()
    yield api_key(own, deployment.id)
    for purpose in ("litellm", "model-server"):
        yield derived_secret(own, purpose, deployment.id)
    for backend in backends_of(pipeline):
        if backend.key:
            yield StoredKey.read(backend.key, stored_key(backend.key)).key.get_secret_value()
    for each in named_endpoints(pipeline, list(registry.list())):
        yield api_key(own, each.id)
