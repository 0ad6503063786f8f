"""Turn the host into the running pipeline: model server, LiteLLM proxy and the pipeline's API.

Gives how many tasks were `ok`, `changed` and `skipped`.
"""

# extra_requirements:
# ansible-core
# uv

import os
from collections.abc import Sequence
from typing import Any

import wmill

from .model.base.derived_secrets import api_key, derived_secret
from .model.base.windmill_paths import LLM_KEYS
from .model.drawing.deployment import Deployment
from .model.drawing.pipeline import Pipeline
from .provision.host_configuration import HostConfiguration
from .provision.litellm_models import keys_of, named_endpoints
from .provision.progress import Progress
from .store.opened import open_registry
from .targets.hosting import host_of
from .worker.cpu_throttler import throttle
from .worker.instance import asset, components, platform_key


def main(deployment_id: str) -> dict[str, Any]:
    throttle()
    registry = open_registry()
    deployment = registry.require(deployment_id)
    progress = Progress(registry, deployment_id, "configure")
    pipeline = registry.pipeline(deployment_id)
    wanted = _wanted(deployment, pipeline, registry.list())
    result = host_of(deployment).prepare(wanted, progress.on_task)
    if result.changed:
        registry.mark_changed(deployment_id)
    return {"ok": result.ok, "changed": result.changed, "skipped": result.skipped}


def _wanted(
    deployment: Deployment, pipeline: Pipeline, deployments: Sequence[Deployment]
) -> HostConfiguration:
    own = platform_key()
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
        backend_keys={key: wmill.get_variable(f"{LLM_KEYS}/{key}") for key in keys_of(pipeline)},
        allowed_addresses=os.environ.get("ALLOW_ADDRESSES", ""),
        allowed_hosts=os.environ.get("ALLOW_HOSTS", ""),
        endpoint_keys={
            each.endpoint_url: api_key(own, each.id)
            for each in named_endpoints(pipeline, deployments)
        },
    )
