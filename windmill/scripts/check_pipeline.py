"""Every problem of a drawn pipeline, without starting or registering anything."""

from typing import Any

from .instance import components
from .model.errors import InvalidInput
from .provision.settling import settle


def main(
    pipeline: dict,  # type: ignore[type-arg]
    inputs: dict | None = None,  # type: ignore[type-arg]
    declared_inputs: dict | None = None,  # type: ignore[type-arg]
    target: str | None = None,
) -> dict[str, Any]:
    try:
        settle(pipeline, components(), inputs or {}, declared_inputs or {}, target)
    except InvalidInput as error:
        return {"problems": [problem.as_dict() for problem in error.problems]}
    return {"problems": []}
