from collections.abc import Sequence
from typing import Any

from serving.learning.scores import rounded
from serving.port_types import Cell


def class_name(value: Cell) -> str:
    """In full: rounded, two product numbers would be one class."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def classification(classes: Sequence[str], probabilities: Sequence[float]) -> dict[str, Any]:
    pairs = sorted(zip(classes, probabilities, strict=True), key=lambda pair: -pair[1])
    return {"label": pairs[0][0], "probabilities": {name: rounded(p) for name, p in pairs}}
