"""Take the plan that `mlops sync follow` made of what Git has now.

Gives `commit`, `lines`: the plan in words, and `question`: what people must say yes to first; empty
where nothing is deleted and nobody's edit is overwritten.
"""

from typing import Any

from .model.catalog.git_push import GitPlan, answer_of


def main(answer: str) -> dict[str, Any]:
    """`answer`: as JSON."""
    plan = answer_of(GitPlan, answer)
    print("\n".join(plan.lines))
    return plan.model_dump(mode="json")
