"""Turn the host into the running pipeline: model server, LiteLLM proxy and the pipeline's API.

Gives how many tasks were `ok`, `changed` and `skipped`.
"""

# extra_requirements:
# ansible-core
# uv

import os
from collections.abc import Sequence
from typing import Any

from .model.base.derived_secrets import api_key, derived_secret
from .model.drawing.deployment import Deployment
from .model.drawing.pipeline import Pipeline
from .provision.host_configuration import HostConfiguration
from .provision.llms.litellm_models import allowed_of, named_endpoints
from .provision.llms.llm_keys import backend_secrets
from .provision.progress import Progress
from .store.opened import open_registry
from .targets.hosting import host_of
from .targets.rental.hiring import on_its_machine
from .worker.cpu_throttler import throttle
from .worker.instance import asset, components, only_with, platform_key, started_by, stored_key


def main(deployment_id: str) -> dict[str, Any]:
    throttle()
    registry = open_registry()
    deployment = on_its_machine(registry, registry.require(deployment_id))
    progress = Progress(registry, deployment_id, "configure")
    pipeline = registry.pipeline(deployment_id)
    reached = [each for each in registry.list() if deployment.can_reach(each)]
    wanted = _wanted(deployment, pipeline, list(allowed_of(reached, only_with(started_by()))))
    result = host_of(deployment).prepare(wanted, progress.on_task)
    if result.changed:
        registry.mark_changed(deployment_id)
    return {"ok": result.ok, "changed": result.changed, "skipped": result.skipped}


def _wanted(
    deployment: Deployment, pipeline: Pipeline, deployments: Sequence[Deployment]
) -> HostConfiguration:
    own, allowed = platform_key(), os.environ.get("ALLOW_ADDRESSES", "")
    return HostConfiguration(
        deployment=deployment,
        pipeline=pipeline,
        components=components(),
        playbooks=asset("ansible"),
        serving=asset("serving"),
        locks=asset("locks"),
        api_key=api_key(own, deployment.id),
        litellm_key="sk-" + derived_secret(own, "litellm", deployment.id),
        model_server_key=derived_secret(own, "model-server", deployment.id),
        backend_keys=backend_secrets(pipeline, deployments, stored_key, allowed),
        allowed_addresses=allowed,
        allowed_hosts=os.environ.get("ALLOW_HOSTS", ""),
        endpoint_keys={
            each.endpoint_url: api_key(own, each.id)
            for each in named_endpoints(pipeline, deployments)
        },
    )
