"""Deployments that exist in a test only."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.targets.resolution import resolve_pipeline

PROJECT = Path(__file__).parents[2]


def deployment(id: str, **values: Any) -> Deployment:
    now = datetime.now(UTC)
    known = {"name": id, "state": State.deploying, "created_at": now, "updated_at": now}
    return Deployment.model_validate({"id": id, **known, **values})


def settled(catalog: Catalog, name: str, target: str | None = None, **inputs: Any) -> Pipeline:
    """A pipeline of the catalog as it will run."""
    entry = catalog.entries[f"pipelines/{name}"]
    drawn = entry.pipeline.model_dump(mode="json")
    return resolve_pipeline(drawn, catalog.components, inputs, entry.inputs, target)
