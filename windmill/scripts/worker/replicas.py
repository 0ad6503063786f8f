"""As many copies as there are, where nobody says otherwise."""

from ..model.drawing.pipeline import Pipeline
from ..model.drawing.replicas import with_replicas
from ..store.reading import RegistryReader


def as_many_as_live(pipeline: Pipeline, registry: RegistryReader) -> Pipeline:
    """What `mlops scale` made of it outlives an update of the drawing."""
    before = registry.get(pipeline.name)
    if pipeline.compute.replicas or before is None:
        return pipeline
    live = (r for r in registry.revisions(before.id) if r.number == before.live_revision)
    kept = next((each.pipeline.compute.replicas for each in live), None)
    return with_replicas(pipeline, kept)
