"""How many copies of a pipeline's server answer at one address."""

from collections.abc import Iterator, Mapping

from .component import Component
from .pipeline import Pipeline


def count_of(pipeline: Pipeline) -> int:
    return pipeline.compute.replicas or 1


def with_replicas(pipeline: Pipeline, count: int | None) -> Pipeline:
    compute = pipeline.compute.model_copy(update={"replicas": count})
    return pipeline.model_copy(update={"compute": compute})


def cannot_be_several(
    pipeline: Pipeline, components: Mapping[str, Component], alone: str
) -> Iterator[str]:
    """Why it cannot run as often as it is to, in words; `alone`: what its target says of it."""
    count = count_of(pipeline)
    if count == 1:
        return
    nodes = (components[node.component] for node in pipeline.nodes)
    reasons = [alone, *(each.alone and f"{each.name}: {each.alone}" for each in nodes)]
    for reason in dict.fromkeys(filter(None, reasons)):
        yield f"{count} replicas are wanted, but {reason}"
