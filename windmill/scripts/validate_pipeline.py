"""Check a drawn pipeline, its inputs and its target, and register the intent to deploy it.

Gives `deployment_id` and `name`.
"""

from typing import Any

from .model.base.names import fitting
from .store.opened import open_registry
from .targets.resolution import resolve_pipeline
from .worker.instance import components, meta_pipeline_of, run_is_over, started_by, this_run


def main(
    pipeline: dict,  # type: ignore[type-arg]
    inputs: dict | None = None,  # type: ignore[type-arg]
    declared_inputs: dict | None = None,  # type: ignore[type-arg]
    target: str | None = None,
    name: str | None = None,
) -> dict[str, Any]:
    drawn = {**pipeline, "name": fitting(name) if name else pipeline.get("name")}
    settled = resolve_pipeline(drawn, components(), inputs or {}, declared_inputs or {}, target)
    root = started_by()
    deployment = open_registry().begin(
        settled, this_run(), root, run_is_over, meta_pipeline_of(root)
    )
    print(f"{deployment.name}: {len(settled.nodes)} nodes are right; deployment {deployment.id}")
    return {"deployment_id": deployment.id, "name": deployment.name}
