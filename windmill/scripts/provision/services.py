"""Which processes a pipeline needs beside its API."""

from collections.abc import Mapping

from ..model.component import Component
from ..model.pipeline import Pipeline


def services_of(pipeline: Pipeline, components: Mapping[str, Component]) -> list[str]:
    needed = {s for node in pipeline.nodes for s in components[node.component].services}
    return sorted(needed)
