"""Tell people what a push of Git's came to: what was written, or why nothing was.

Gives `told`: what people were told; empty where nothing had to be written.
"""

import json

from .model.base.errors import Reason
from .model.catalog.git_push import GitEvent, GitPushed, answer_of
from .worker.notifications import tell_people

NOT_ANSWERED_YES = {
    "SuspendedDisapproved": "somebody rejected it",
    "SuspendedTimedOut": "nobody answered in time (does `mlops sync follow` run?)",
}


def main(event: str, answer: str = "null", error: str = "null") -> dict[str, str]:
    """All as JSON; `error`: of the step that failed, so that nothing more is written."""
    push = GitEvent.model_validate_json(event)
    if failed := json.loads(error):
        return tell("push from Git refused", f"{push}: {why(failed)}")
    done = answer_of(GitPushed, answer)
    if not done.lines:
        print(f"nothing to do: {push} is as it was")
        return {"told": ""}
    return tell("pushed from Git", "\n".join([f"{push} is there now:", *done.lines]))


def why(error: dict[str, str]) -> str:
    refused = NOT_ANSWERED_YES.get(error.get("name") or "")
    return refused or str(Reason.of_job(error).message)


def tell(subject: str, text: str) -> dict[str, str]:
    print(f"{subject}\n{text}")
    tell_people(subject, text, print)
    return {"told": text}
