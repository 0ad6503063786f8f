"""What is said of nodes, steps and entries that form a circle."""

from collections.abc import Sequence
from dataclasses import dataclass

from .errors import Problem
from .source import Source


@dataclass(frozen=True)
class Cycle:
    message: str
    fix: str
    code: str

    def problem(self, names: Sequence[str], source: Source, field: str) -> Problem:
        """`names` along the circle, first and last the same; `field` is where to break it."""
        message = f"{self.message}: {' → '.join(names)}"
        return source.problem(message, field, self.fix, self.code)


OF_NODES = Cycle("the nodes form a cycle", "Remove one of its edges.", "E-CAT-009")
OF_STEPS = Cycle("the steps wait for each other", "Break the circle.", "E-CAT-012")
OF_ENTRIES = Cycle("entries use each other in a circle", "Break the circle.", "E-CAT-011")
