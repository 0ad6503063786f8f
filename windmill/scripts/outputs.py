"""The outputs of a catalog entry: the last step of its flow, whose result is the flow's.

Gives the outputs.
"""

from typing import Any

from .model.base.windmill_references import unmarked


def main(values: dict) -> dict[str, Any]:  # type: ignore[type-arg]
    result: dict[str, Any] = unmarked(values)
    return result
