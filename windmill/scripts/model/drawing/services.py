"""What a pipeline needs: processes beside its API, and packages for the API itself."""

from collections.abc import Mapping

from .component import Component
from .pipeline import Pipeline


def services_of(pipeline: Pipeline, components: Mapping[str, Component]) -> list[str]:
    needed = {s for node in pipeline.nodes for s in components[node.component].services}
    return sorted(needed)


def environments_of(pipeline: Pipeline, components: Mapping[str, Component]) -> list[str]:
    """The locks its API is installed from; every other one is a superset of `serving`."""
    needed = {components[node.component].environment for node in pipeline.nodes}
    return sorted(needed - {"serving"}) or ["serving"]
