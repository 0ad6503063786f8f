"""Catalog entries that run an n8n workflow: it must be one that can be called."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from windmill.scripts.model.errors import Problem

from .flow_walk import Step, walk
from .flows import Flow
from .items import FOLDER
from .workflows import WORKFLOWS, webhooks_of

RUNS = f"{FOLDER}/run_n8n_workflow"


def leaf_problems(root: Path, flows: Iterable[Flow]) -> Iterator[Problem]:
    for flow in flows:
        for step in walk(flow.body["value"]):
            if step.path == RUNS and (problem := _uncallable(root, flow, step)):
                yield problem


def _uncallable(root: Path, flow: Flow, step: Step) -> Problem | None:
    name = str(step.value["input_transforms"]["workflow"].get("value", ""))
    file = root / WORKFLOWS / f"{name}.json"
    if file.is_file() and f"mlops-{name}" in _webhooks(file):
        return None
    message = f"n8n workflow {name!r} cannot be run as a step"
    fix = f"{WORKFLOWS}/{name}.json needs a webhook node: POST, path mlops-{name}, header auth."
    return flow.source.problem(message, f"{step.place}.value", fix, "E-SYNC-012")


def _webhooks(file: Path) -> set[str]:
    """None of a file that is no workflow: that is told where workflows are read."""
    try:
        return webhooks_of(json.loads(file.read_text("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()
