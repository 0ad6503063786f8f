"""Where a deployment answers on this machine, and what must answer before it is live."""

from collections.abc import Sequence

from ...model.drawing.deployment import Deployment
from ...provision.health import Probe
from .folders import host_folder

HOST = "127.0.0.1"
HEALTH = {"model-server": "/health", "litellm": "/health/readiness", "api": "/health"}


def base_url(port: int) -> str:
    return f"http://{HOST}:{port}"


def urls_of(deployment: Deployment, services: Sequence[str]) -> dict[str, str]:
    """Only of what runs: whoever watches would take the others for dead."""
    api = base_url(deployment.ports["api"])
    beside = [name.replace("-", "_") for name in services]
    return {
        "api": api,
        "docs": f"{api}/docs",
        "health": f"{api}/health",
        "metrics": f"{api}/metrics",
        **{name: base_url(deployment.ports[name]) for name in beside},
    }


def probes_of(deployment: Deployment, services: Sequence[str]) -> list[Probe]:
    logs = host_folder(deployment.id) / "logs"
    return [
        Probe(
            name,
            base_url(deployment.ports[name.replace("-", "_")]) + path,
            logs / f"{name}.log",
        )
        for name, path in HEALTH.items()
        if name == "api" or name in services
    ]
