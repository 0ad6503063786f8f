"""What a source gave, what of it was read, and what was not and why: one report for all sources.

Without pydantic, whose import would double the time until a reader of files begins.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal[
    "file",
    "address",
    "image",
    "row",
    "column",
    "page",
    "sheet",
    "field",
    "attachment",
    "encoding",
    "recognition",
]
MOST_LISTED = 100
MOST_CHARACTERS = 500
NOT_PREVIEWED = "not looked at in a preview"
PLURAL = {"address": "addresses"}


@dataclass(frozen=True)
class LeftOut:
    """`count` things of one kind that were not read as they stand, all for one reason."""

    kind: Kind
    where: str  # the file or address; empty where the reason names it
    reason: str
    count: int = 1

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}" if self.where else self.reason


@dataclass(frozen=True)
class Reading:
    """Nothing is lost between what was given and what was read: `given` is `read` and, of the same
    kind, what was left out.
    """

    kind: Kind  # of what is counted in `given` and `read`
    given: int
    read: int
    left_out: dict[Kind, int]  # how many of each kind
    listed: tuple[LeftOut, ...]  # the first that were left out

    @classmethod
    def of(cls, kind: Kind, read: int, left_out: Iterable[LeftOut]) -> "Reading":
        counts: Counter[Kind] = Counter()
        listed: list[LeftOut] = []
        for each in left_out:
            counts[each.kind] += each.count
            if len(listed) < MOST_LISTED:
                listed.append(_bounded(each))
        given = read + counts[kind]
        return cls(kind=kind, given=given, read=read, left_out=dict(counts), listed=tuple(listed))

    def lines(self) -> Iterator[str]:
        """To be read one by one; the last says how many more there are."""
        yield from map(str, self.listed)
        more = Counter(self.left_out)
        for each in self.listed:
            more[each.kind] -= each.count
        counted = [f"{count} {_plural(kind, count)}" for kind, count in more.items() if count > 0]
        if counted:
            yield f"and {', '.join(counted)} more"


def rows_left_out(table: str, reason: str, count: int) -> tuple[LeftOut, ...]:
    return (LeftOut(kind="row", where=table, reason=reason, count=count),) if count else ()


def _bounded(each: LeftOut) -> LeftOut:
    return replace(each, reason=each.reason[:MOST_CHARACTERS])


def _plural(kind: Kind, count: int) -> str:
    return kind if count == 1 else PLURAL.get(kind, f"{kind}s")
