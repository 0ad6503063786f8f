"""Ask where to deploy: the flow waits after this step until somebody answers.

Gives `question` and `targets`: what may be answered.
"""

from .model.base.target import Target


def main(deployment_id: str) -> dict[str, object]:
    print(f"{deployment_id} waits for a target")
    return {"question": "Where shall it run?", "targets": [target.value for target in Target]}
