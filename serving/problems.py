"""Lists of problems in a message: the first ones, and how many more there are."""

from collections.abc import Sequence

SHOWN = 10
NAMED = 20
LONGEST_NAME = 60


def listed(problems: Sequence[str]) -> str:
    more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    return "; ".join(problems[:SHOWN]) + more


def few(names: Sequence[str]) -> str:
    """Of columns, say, of which a file may have hundreds."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(name[:LONGEST_NAME] for name in names[:NAMED]) + more


def counted(number: int, one: str, many: str = "") -> str:
    """1 row, 2 rows; `many` where it is not `one` with an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def skipped_note(problems: Sequence[str]) -> list[str]:
    """For a model card: nothing where nothing was skipped."""
    return [f"skipped: {listed(problems)}"] if problems else []
