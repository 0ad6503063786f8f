"""Check a drawn pipeline, its inputs and its target, and register the intent to deploy it.

Gives `deployment_id` and `name`.
"""

import json
import os
from typing import Any

from .model.base.names import fitting
from .model.cost.spending import allowance
from .provision.llms.litellm_models import refuse_others
from .provision.llms.llm_keys import backend_secrets
from .store.opened import open_registry
from .targets.resolution import resolve_pipeline
from .worker.instance import (
    components,
    meta_pipeline_of,
    only_with,
    run_is_over,
    started_by,
    stored_key,
    this_run,
)
from .worker.replicas import as_many_as_live


def main(request: str) -> dict[str, Any]:
    """`request`: JSON of the flow's arguments."""
    asked = json.loads(request)
    pipeline, name = asked.get("pipeline") or {}, asked.get("name")
    drawn = {**pipeline, "name": fitting(name) if name else pipeline.get("name")}
    inputs, declared = asked.get("inputs") or {}, asked.get("declared_inputs") or {}
    settled = resolve_pipeline(drawn, components(), inputs, declared, asked.get("target"))
    allowance(asked.get("max_hourly_usd"))
    registry, root = open_registry(), started_by()
    settled = as_many_as_live(settled, registry)
    refuse_others(settled, registry.list(), only_with(root))
    # Told before anything is created; the keys themselves are read again where they are needed.
    backend_secrets(settled, registry.list(), stored_key, os.environ.get("ALLOW_ADDRESSES", ""))
    deployment = registry.begin(settled, this_run(), root, run_is_over, meta_pipeline_of(root))
    print(f"{deployment.name}: {len(settled.nodes)} nodes are right; deployment {deployment.id}")
    return {"deployment_id": deployment.id, "name": deployment.name}
