"""Lists of problems in a message: the first ones, and how many more there are."""

from collections.abc import Sequence

SHOWN = 10


def listed(problems: Sequence[str]) -> str:
    more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    return "; ".join(problems[:SHOWN]) + more


def skipped_note(problems: Sequence[str]) -> list[str]:
    """For a model card: nothing where nothing was skipped."""
    return [f"skipped: {listed(problems)}"] if problems else []
