"""Wait for who follows the repository: the flow goes on once `mlops sync follow` has answered.

Gives `work`: what it is to do, `plan` or `push`.
"""


def main(work: str) -> dict[str, str]:
    print(f"waits for the {work} of `mlops sync follow`")
    return {"work": work}
