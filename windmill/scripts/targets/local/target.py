"""The host of the embedded engine: where target `local` keeps what it deploys."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..model.base.errors import TargetRefused
from ..model.drawing.component import Component
from ..model.drawing.pipeline import Pipeline
from ..store.opened import is_embedded

SERVICES = ("api", "litellm", "model_server")
NEEDS_GPU_TARGET = "Choose a target that rents GPUs, as runpod; nothing was created."


def require_local_host() -> None:
    """Raises TargetRefused on a Windmill that is not embedded: its workers are anybody's host."""
    if not is_embedded():
        reason = "it means the host of the embedded engine; use `ssh` or `k3s` instead."
        raise TargetRefused(target="local", reason=reason)


def not_offered(pipeline: Pipeline, components: Mapping[str, Component]) -> Iterator[str]:
    """What the pipeline needs and this host does not give, in words."""
    for node in pipeline.nodes:
        for service in components[node.component].services:
            if service.replace("-", "_") not in SERVICES:
                yield f"it does not run {service}, which node {node.id!r} ({node.component}) needs"
    gpu = pipeline.compute.gpu
    if gpu and not shutil.which("nvidia-smi"):
        yield f"this machine has no NVIDIA GPU; {gpu.count} with {gpu.memory_gb:g} GB is needed"


def deployment_folder(deployment_id: str) -> Path:
    return Path(os.environ["MLOPS_LOCAL_ROOT"]) / deployment_id


def terraform_folder(deployment_id: str) -> Path:
    return deployment_folder(deployment_id) / "terraform"


def host_folder(deployment_id: str) -> Path:
    """What the host of another target would hold; Ansible makes it and removes it."""
    return deployment_folder(deployment_id) / "host"


def ansible_folder(deployment_id: str) -> Path:
    return deployment_folder(deployment_id) / "ansible"


def cache_folder() -> Path:
    default = Path.home() / ".cache" / "mlops"
    return Path(os.environ.get("MLOPS_CACHE") or default)
