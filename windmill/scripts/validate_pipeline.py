"""Check a drawn pipeline, its inputs and its target, and register the intent to deploy it."""

from typing import Any

from .instance import components, run_is_over, started_by, this_run
from .model.check import check_pipeline, normalize
from .model.deployment import Target
from .model.errors import InvalidInput, Problem
from .model.names import did_you_mean
from .model.parse import parse
from .model.pipeline import Pipeline
from .model.schema import check_values, with_defaults
from .model.source import Source
from .provision.documents import check_documents
from .store.opened import open_registry


def main(
    pipeline: dict,  # type: ignore[type-arg]
    inputs: dict | None = None,  # type: ignore[type-arg]
    declared_inputs: dict | None = None,  # type: ignore[type-arg]
    target: str | None = None,
    name: str | None = None,
) -> dict[str, Any]:
    drawing = parse(Pipeline, Source({**pipeline, "name": name or pipeline.get("name")}))
    values = {key: value for key, value in (inputs or {}).items() if value is not None}
    settled = settle(drawing, values, declared_inputs or {}, target)
    deployment = open_registry().begin(settled, this_run(), started_by(), run_is_over)
    print(f"{deployment.name}: {len(settled.nodes)} nodes are right; deployment {deployment.id}")
    return {"deployment_id": deployment.id, "name": deployment.name}


def settle(
    drawing: Pipeline, values: dict[str, Any], declared: dict[str, Any], target: str | None
) -> Pipeline:
    """The drawing as it will run; raises InvalidInput with all problems."""
    known = components()
    problems = [
        Problem(f"input {field} {message}", f"inputs.{field}", fix, code="E-CAT-005")
        for field, message, fix in check_values(declared, values)
    ]
    problems += _check_target(target)
    problems += check_pipeline(drawing, known, declared, values if not problems else None)
    if problems:
        raise InvalidInput(problems)
    settled = normalize(drawing, known, with_defaults(declared, values))
    unreadable = check_documents(settled)
    if unreadable:
        raise InvalidInput(unreadable)
    return settled


def _check_target(target: str | None) -> list[Problem]:
    targets = [known.value for known in Target]
    if target is None or target in targets:
        return []
    message = f"target {target!r} does not exist"
    return [Problem(message, "target", did_you_mean(target, targets), code="E-CAT-010")]
