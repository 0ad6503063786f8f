"""Where a deployment answers."""

from collections.abc import Sequence

from ..model.drawing.deployment import Deployment

HOST = "127.0.0.1"


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
