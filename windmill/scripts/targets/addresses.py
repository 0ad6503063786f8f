"""Where the processes of a deployment answer on its host, and what must answer first."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from ..model.drawing.component import Component
from ..model.drawing.deployment import Deployment
from ..model.drawing.pipeline import Pipeline
from ..provision.health import Probe

HOST = "127.0.0.1"
SERVICES = ("api", "litellm", "model_server")
HEALTH = {"model-server": "/health", "litellm": "/health/readiness", "api": "/health"}


def services_missing(pipeline: Pipeline, components: Mapping[str, Component]) -> Iterator[str]:
    for node in pipeline.nodes:
        for service in components[node.component].services:
            if service.replace("-", "_") not in SERVICES:
                yield f"it does not run {service}, which node {node.id!r} ({node.component}) needs"


def base_url(port: int, host: str = HOST) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def urls_of(deployment: Deployment, services: Sequence[str], api: str = "") -> dict[str, str]:
    """Only of what runs: whoever watches would take the others for dead."""
    api = api or base_url(deployment.ports["api"])
    beside = [name.replace("-", "_") for name in services]
    return {
        "api": api,
        "docs": f"{api}/docs",
        "health": f"{api}/health",
        "metrics": f"{api}/metrics",
        **{name: base_url(deployment.ports[name]) for name in beside},
    }


def probes_of(
    deployment: Deployment, services: Sequence[str], logs: PurePath, api_host: str = HOST
) -> list[Probe]:
    return [
        Probe(
            name,
            base_url(deployment.ports[name.replace("-", "_")], api_host if name == "api" else HOST)
            + path,
            logs / f"{name}.log",
        )
        for name, path in HEALTH.items()
        if name == "api" or name in services
    ]
