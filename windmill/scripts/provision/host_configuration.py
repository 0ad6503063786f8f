"""What Ansible is told about a deployment's host, to build it up and to take it down."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uv

from ..model.drawing.component import Component
from ..model.drawing.deployment import Deployment
from ..model.drawing.pipeline import Pipeline
from ..model.drawing.replicas import count_of
from ..model.drawing.served import pipeline_document
from ..model.drawing.services import environments_of, services_of
from .ansible import PlaybookResult, TaskEvent, run_playbook
from .llms.embedded import LITELLM_KEY, MODEL, MODEL_SERVER_KEY, asked_of
from .llms.litellm_models import endpoint_variable, litellm_settings
from .reading.file_gate import FileGate

API_KEY, ENDPOINT_KEYS = "API_KEY", "ENDPOINT_KEYS"
OnTask = Callable[[TaskEvent], None]


@dataclass(frozen=True)
class Host:
    """Where the processes run; `workdir` is the worker's own, for Ansible."""

    inventory: dict[str, Any]
    address: str
    root: Path
    workdir: Path
    cache: Path
    api_address: str = ""
    # Elsewhere the worker's own uv is brought along, and people's documents are.
    brought_uv: str = ""
    documents: Sequence[Mapping[str, str]] = ()
    # What starts the processes again after a reboot; None where nobody is to.
    at_boot: str | None = None
    containers: bool = False
    # What its Caddy is told; None where that was never told anything.
    edge: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class HostConfiguration:
    deployment: Deployment
    pipeline: Pipeline
    components: Mapping[str, Component]
    playbooks: Mapping[str, str]
    serving: Mapping[str, str]
    locks: Mapping[str, str]
    api_key: str = field(repr=False)
    litellm_key: str = field(repr=False)
    model_server_key: str = field(repr=False)
    backend_keys: Mapping[str, str] = field(default_factory=dict, repr=False)  # by variable
    # By the address that they open.
    endpoint_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    allowed_addresses: str = ""
    allowed_hosts: str = ""
    files: FileGate = field(default_factory=lambda: FileGate.of(os.environ))


def configure(host: Host, wanted: HostConfiguration, on_task: OnTask) -> PlaybookResult:
    return run_playbook(
        "deploy_in_containers.yml" if host.containers else "deploy_ml_pipeline.yml",
        files=wanted.playbooks,
        inventory=host.inventory,
        extravars={
            "deployment": _deployment_variables(host, wanted),
            "serving_files": dict(wanted.serving),
            "locks": dict(wanted.locks),
            "uv": host.brought_uv or uv.find_uv_bin(),
            "uv_brought": uv.find_uv_bin() if host.brought_uv else "",
            "cache": str(host.cache),
        },
        secrets=_secrets(wanted),
        workdir=host.workdir,
        on_event=on_task,
    )


def unconfigure(
    host: Host,
    deployment: Deployment,
    playbooks: Mapping[str, str],
    say: Callable[[str], None],
) -> PlaybookResult:
    named = {"id": deployment.id, "name": deployment.name, "ports": deployment.ports}
    place = {"root": str(host.root), "host": host.address, **_kept_up(host)}
    return run_playbook(
        "destroy_ml_pipeline.yml",
        files=playbooks,
        inventory=host.inventory,
        extravars={"deployment": {**named, **place}},
        secrets={},
        workdir=host.workdir,
        on_event=lambda event: say(f"{event.state:8} {event.task}"),
    )


def _kept_up(host: Host) -> dict[str, Any]:
    edge = {} if host.edge is None else {"edge": dict(host.edge)}
    if host.containers:
        return {"containers": True, **edge}
    return {**edge, **({} if host.at_boot is None else {"at_boot": host.at_boot})}


def _embedded(host: Host, deployment: Deployment) -> dict[str, str]:
    return asked_of(str(MODEL["name"]), f"{host.address}:{deployment.ports['model_server']}")


def _secrets(wanted: HostConfiguration) -> dict[str, str]:
    return {
        API_KEY: wanted.api_key,
        LITELLM_KEY: wanted.litellm_key,
        MODEL_SERVER_KEY: wanted.model_server_key,
        ENDPOINT_KEYS: " ".join(f"{url}={key}" for url, key in wanted.endpoint_keys.items()),
        **wanted.backend_keys,
        **{endpoint_variable(url): key for url, key in wanted.endpoint_keys.items()},
    }


def _deployment_variables(host: Host, wanted: HostConfiguration) -> dict[str, Any]:
    deployment = wanted.deployment
    return {
        "id": deployment.id,
        "name": deployment.name,
        "root": str(host.root),
        "ports": deployment.ports,
        "host": host.address,
        "api_host": host.api_address or host.address,
        **_kept_up(host),
        "documents": [dict(each) for each in host.documents],
        "replicas": count_of(wanted.pipeline),
        "services": services_of(wanted.pipeline, wanted.components),
        "environments": environments_of(wanted.pipeline, wanted.components),
        "model": MODEL,
        "litellm": litellm_settings(
            wanted.pipeline, _embedded(host, deployment), wanted.endpoint_keys
        ),
        "allowed": {
            "addresses": wanted.allowed_addresses,
            "endpoints": ",".join(urlsplit(url).netloc for url in wanted.endpoint_keys),
            "hosts": " ".join(filter(None, [wanted.allowed_hosts, (host.edge or {}).get("name")])),
        },
        "files": {
            "roots": os.pathsep.join(map(str, wanted.files.roots)),
            "private": os.pathsep.join(map(str, wanted.files.private)),
        },
        "pipeline": pipeline_document(deployment, wanted.pipeline),
        "revision": deployment.revision,
        "cost_per_hour": deployment.price_of_revision(),
    }
