"""How hard tests try that make up their inputs: the same few each time, many by `make fuzz`."""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = "MLOPS_FUZZ_EXAMPLES"
LONG = int(os.environ.get(EXAMPLES, "0"))


def examples(few: int) -> int:
    return LONG or few


def bounded(few: int = 100) -> settings:
    """In the suite the same examples each time: what it finds is there in every run after it."""
    return settings(
        max_examples=examples(few),
        derandomize=not LONG,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
