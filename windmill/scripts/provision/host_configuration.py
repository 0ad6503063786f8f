"""What Ansible is told about a deployment's host, to build it up and to take it down."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uv

from ..model.drawing.component import Component
from ..model.drawing.deployment import Deployment
from ..model.drawing.pipeline import Pipeline
from .ansible import PlaybookResult, TaskEvent, run_playbook
from .litellm_models import key_variable, litellm_facts
from .local_host import ansible_folder, cache_folder, host_folder
from .services import environments_of, services_of
from .urls import HOST, base_url

LOCALHOST = {"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}}
MODEL = {"name": "smollm2", "context_size": 2048, "threads": 2}
OnTask = Callable[[TaskEvent], None]


@dataclass(frozen=True)
class HostConfiguration:
    deployment: Deployment
    pipeline: Pipeline
    components: Mapping[str, Component]
    playbooks: Mapping[str, str]
    serving: Mapping[str, str]
    locks: Mapping[str, str]
    litellm_key: str
    backend_keys: Mapping[str, str] = field(default_factory=dict)
    allowed_addresses: str = ""
    allowed_endpoints: Sequence[str] = ()


def configure(wanted: HostConfiguration, on_task: OnTask) -> PlaybookResult:
    return run_playbook(
        "deploy_ml_pipeline.yml",
        files=wanted.playbooks,
        inventory=LOCALHOST,
        extravars={
            "deployment": _deployment_facts(wanted),
            "serving_files": dict(wanted.serving),
            "locks": dict(wanted.locks),
            "uv": uv.find_uv_bin(),
            "cache": str(cache_folder()),
        },
        secrets={"LITELLM_MASTER_KEY": wanted.litellm_key, **_backend_secrets(wanted)},
        workdir=ansible_folder(wanted.deployment.id),
        on_event=on_task,
    )


def unconfigure(
    deployment: Deployment, playbooks: Mapping[str, str], say: Callable[[str], None]
) -> PlaybookResult:
    facts = {"id": deployment.id, "name": deployment.name, "ports": deployment.ports}
    return run_playbook(
        "destroy_ml_pipeline.yml",
        files=playbooks,
        inventory=LOCALHOST,
        extravars={"deployment": {**facts, "root": str(host_folder(deployment.id)), "host": HOST}},
        secrets={},
        workdir=ansible_folder(deployment.id),
        on_event=lambda event: say(f"{event.state:8} {event.task}"),
    )


def pipeline_document(deployment: Deployment, pipeline: Pipeline) -> dict[str, Any]:
    """What `serving` reads: the settled graph and whose it is."""
    graph = pipeline.model_dump(mode="json", include={"nodes", "edges"})
    return {
        "name": deployment.name,
        "deployment_id": deployment.id,
        "revision": deployment.revision,
        **graph,
    }


def _embedded(deployment: Deployment) -> dict[str, str]:
    """As LiteLLM calls llama.cpp's server."""
    return {
        "model": f"hosted_vllm/{MODEL['name']}",
        "api_base": f"{base_url(deployment.ports['model_server'])}/v1",
        "api_key": "none",
    }


def _backend_secrets(wanted: HostConfiguration) -> dict[str, str]:
    return {key_variable(name): value for name, value in wanted.backend_keys.items()}


def _deployment_facts(wanted: HostConfiguration) -> dict[str, Any]:
    deployment = wanted.deployment
    root: Path = host_folder(deployment.id)
    return {
        "id": deployment.id,
        "name": deployment.name,
        "root": str(root),
        "ports": deployment.ports,
        "host": HOST,
        "services": services_of(wanted.pipeline, wanted.components),
        "environments": environments_of(wanted.pipeline, wanted.components),
        "model": MODEL,
        "litellm": litellm_facts(wanted.pipeline, _embedded(deployment)),
        "allowed": {
            "addresses": wanted.allowed_addresses,
            "endpoints": ",".join(wanted.allowed_endpoints),
        },
        "pipeline": pipeline_document(deployment, wanted.pipeline),
        "revision": deployment.revision,
        "cost_per_hour": 0.0,
    }
