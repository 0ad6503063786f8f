"""A thousand deployments: their configurations written, and what one more would do told."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.measure import interleaved, table
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog, read_catalog
from windmill.scripts.model.cost.spending import capped_at
from windmill.scripts.model.drawing.charge import Price
from windmill.scripts.model.drawing.deployment import State
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.provision.llms.litellm_models import refuse_others
from windmill.scripts.provision.root_config import render_root
from windmill.scripts.store.registry import Registry
from windmill.scripts.targets.planning.single import planned
from windmill.scripts.targets.protocol import COMMON_OUTPUTS

CATALOG = Path(__file__).parents[2] / "catalog"
PIPELINES, RESOURCES = 1_000, 5


def configurations(rounds: int) -> str:
    """The floor writes what is there already."""
    asked = [_variables(number) for number in range(PIPELINES)]
    roots = [render_root("local", each, COMMON_OUTPUTS) for each in asked]
    measured = interleaved(
        {
            "configurations made and written": lambda: [
                json.dumps(render_root("local", each, COMMON_OUTPUTS)) for each in asked
            ],
            "floor: json.dumps of the same": lambda: [json.dumps(root) for root in roots],
        },
        rounds,
    )
    title = f"{PIPELINES} pipelines of {RESOURCES} resources"
    return table(title, measured, "configurations made and written")


def _variables(number: int) -> dict[str, Any]:
    """As many arguments as a module takes that has so many resources."""
    name = f"pipeline-{number}"
    resource = {"name": name, "image": f"registry.example/{name}:1", "command": ["run", "--all"],
                "environment": {"MODEL": "a/model", "GREETING": "Hello ${name}"},
                "ports": {"api": 9000 + number}, "labels": {"deployment": name}}  # fmt: skip
    return {"deployment_id": name} | {f"resource_{each}": resource for each in range(RESOURCES)}


def plan_of_one(rounds: int) -> str:
    """However many there are: all that the step does but start an interpreter."""
    catalog = read_catalog(CATALOG)[0]
    os.environ |= {"MLOPS_EMBEDDED": "1", "MLOPS_LOCAL_ROOT": "/nowhere"}
    with _registry(1) as few, _registry(PIPELINES) as many:
        pipeline = _pipeline("pipeline-0")
        measured = interleaved(
            {
                f"the plan of one of {PIPELINES}": lambda: _plan(many, pipeline, catalog),
                "the plan of one of 1": lambda: _plan(few, pipeline, catalog),
            },
            rounds,
        )
    return table("A plan", measured, f"the plan of one of {PIPELINES}")


def _plan(registry: Registry, pipeline: Pipeline, catalog: Catalog) -> None:
    refuse_others(pipeline, registry.list(), None)
    told = planned(capped_at(pipeline, 1), catalog.components, registry, "local", {})
    assert told.name == pipeline.name


def _pipeline(name: str) -> Pipeline:
    nodes = [{"id": f"n{each}", "component": "documents"} for each in range(RESOURCES)]
    return Pipeline.model_validate({"name": name, "nodes": nodes})


@contextmanager
def _registry(deployments: int) -> Iterator[Registry]:
    with tempfile.TemporaryDirectory(prefix="mlops-") as folder:
        registry = Registry(f"sqlite:///{folder}/registry.db")
        price = Price(target=Target.local, offer="own", hourly_usd=0)
        for number in range(deployments):
            run = f"run-{number}"
            found = registry.begin(_pipeline(f"pipeline-{number}"), run, run, lambda _: True)
            registry.assign_target(found.id, Target.local, {"api": 9000}, price=price)
            registry.finish(found.id, State.live)
        yield registry
        registry.engine.dispose()
