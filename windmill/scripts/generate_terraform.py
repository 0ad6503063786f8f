"""Write the root configuration: data as JSON that calls one of our modules."""

from typing import Any

from .model.drawing.deployment import Deployment
from .model.drawing.pipeline import Pipeline
from .provision.local_host import host_folder
from .provision.root_config import render_root
from .provision.services import services_of
from .store.opened import open_registry
from .worker.instance import components

OUTPUTS = ("deployment_id", "endpoint_url", "service_urls", "host")


def main(deployment_id: str) -> dict[str, Any]:
    registry = open_registry()
    deployment = registry.require(deployment_id)
    root = render_root("local", variables(deployment, registry.pipeline(deployment_id)), OUTPUTS)
    registry.keep_root_config(deployment_id, root)
    print(f"main.tf.json for revision {deployment.revision} calls module local")
    return root


def variables(deployment: Deployment, pipeline: Pipeline) -> dict[str, Any]:
    return {
        "deployment_id": deployment.id,
        "name": deployment.name,
        "root": str(host_folder(deployment.id)),
        "ports": deployment.ports,
        "services": services_of(pipeline, components()),
        "labels": {"deployment": deployment.id, "revision": str(deployment.revision)},
    }
