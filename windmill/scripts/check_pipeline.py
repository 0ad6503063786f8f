"""Every problem of a drawn pipeline, without starting or registering anything.

Gives `problems`: each with its field and what mends it.
"""

from typing import Any

from .model.base.errors import InvalidInput
from .targets.resolution import resolve_pipeline
from .worker.instance import components


def main(
    pipeline: dict,  # type: ignore[type-arg]
    inputs: dict | None = None,  # type: ignore[type-arg]
    declared_inputs: dict | None = None,  # type: ignore[type-arg]
    target: str | None = None,
) -> dict[str, Any]:
    try:
        resolve_pipeline(pipeline, components(), inputs or {}, declared_inputs or {}, target)
    except InvalidInput as error:
        return {"problems": [problem.as_dict() for problem in error.problems]}
    return {"problems": []}
