"""Where a deployment answers."""

from ..model.deployment import Deployment

HOST = "127.0.0.1"


def base_url(port: int) -> str:
    return f"http://{HOST}:{port}"


def urls_of(deployment: Deployment) -> dict[str, str]:
    api = base_url(deployment.ports["api"])
    return {
        "api": api,
        "docs": f"{api}/docs",
        "health": f"{api}/health",
        "metrics": f"{api}/metrics",
        "litellm": base_url(deployment.ports["litellm"]),
        "model_server": base_url(deployment.ports["model_server"]),
    }
