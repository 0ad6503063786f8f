"""What the flow `git_push` and who follows the repository (`mlops sync follow`) tell each other."""

import json
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from ..base.errors import GitPushRefused

# Steps of the flow that follow a question, and what is asked for there.
AFTER = {"planned": "plan", "report": "push"}
# Windmill shows no longer arguments to the steps.
MOST_LINES, MOST_CHARACTERS = 60, 200


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class GitEvent(_Told):
    branch: str
    commit: str
    by: str

    def __str__(self) -> str:
        return f"{self.branch} {self.commit[:12]} by {self.by}"


class GitPlan(_Told):
    commit: str
    lines: tuple[str, ...]
    question: str = ""


class GitPushed(_Told):
    """`lines`: what was written; none where all was as in Git already."""

    commit: str
    lines: tuple[str, ...] = ()


Answer = TypeVar("Answer", GitPlan, GitPushed)


def answer_of(kind: type[Answer], text: str) -> Answer:
    """Raises GitPushRefused with the follower's own reason."""
    told = json.loads(text)
    if isinstance(told, dict) and told.get("error"):
        raise GitPushRefused(reason=told["error"])
    return kind.model_validate(told)


def shortened(lines: list[str]) -> list[str]:
    kept = [line[:MOST_CHARACTERS] for line in lines[:MOST_LINES]]
    more = len(lines) - MOST_LINES
    return [*kept, f"and {more} more"] if more > 0 else kept
