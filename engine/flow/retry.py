import random

from engine.flow.expressions import is_true
from engine.flow.kinds.base import Step
from engine.flow.run import Doc, after

MAX_SECONDS = 6 * 3600.0


def interval(policy: Doc, failures: int) -> float | None:
    """Seconds until the next try after so many failures; None when there is none left."""
    constant, exponential = policy.get("constant") or {}, policy.get("exponential") or {}
    constant_tries = int(constant.get("attempts") or 0)
    if failures < constant_tries:
        return min(float(constant.get("seconds") or 0), MAX_SECONDS)
    if failures - constant_tries < int(exponential.get("attempts") or 0):
        return min(_exponential(exponential, failures), MAX_SECONDS)
    return None


def _exponential(policy: Doc, failures: int) -> float:
    base = float(policy.get("multiplier", 1)) * float(policy.get("seconds") or 0) ** (failures + 1)
    spread = base * float(policy.get("random_factor") or 0) / 100
    return max(0.0, base + random.uniform(-spread, spread))  # noqa: S311 (jitter)


async def next_delay(step: Step, result: object) -> float | None:
    """Raises PredicateFailed when `retry_if` throws."""
    policy = step.module.get("retry") or {}
    condition = policy.get("retry_if")
    scope = after(result, step.scope).with_values(result=result).without("results")
    if condition and not await is_true(condition["expr"], scope):
        return None
    return interval(policy, step.run.status["retry"]["fail_count"])
