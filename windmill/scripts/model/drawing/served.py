"""A deployment as the program that serves it reads it."""

from typing import Any

from .deployment import Deployment
from .pipeline import Pipeline


def pipeline_document(deployment: Deployment, pipeline: Pipeline) -> dict[str, Any]:
    """What `serving` reads: the settled graph and whose it is."""
    graph = pipeline.model_dump(mode="json", include={"nodes", "edges"})
    return {
        "name": deployment.name,
        "deployment_id": deployment.id,
        "revision": deployment.revision,
        **graph,
    }
