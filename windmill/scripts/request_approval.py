"""Ask people whether a step may go on; the flow waits until they answer.

Gives `message`, `step` and `told`: whether n8n took the question.
"""

from typing import Any

import wmill

from .worker.notifications import NotDelivered, deliver


def main(message: str, step: str) -> dict[str, Any]:
    urls = wmill.get_resume_urls()
    print(f"{step} waits for an answer: {message}")
    try:
        told = deliver(f"{step}: {message}", f"{message}\n{urls['approvalPage']}")
    except NotDelivered as error:
        print(f"nobody was told: {error}")
        told = False
    return {"message": message, "step": step, "told": told}
