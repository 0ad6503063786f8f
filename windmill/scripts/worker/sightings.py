"""What each look of a schedule finds: acted on from the second look on, told once.

Between two questions to others anything may have been rented or ended, so one look proves nothing.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import wmill


@dataclass(frozen=True)
class Look:
    """`lasting`: what the look before found, too; `news`: what of it nobody was told yet."""

    lasting: frozenset[str]
    news: frozenset[str]


def look(found: Collection[str], tell: Callable[[frozenset[str]], bool]) -> Look:
    """`tell` says whether the news need not be told again; it is not asked where there are none."""
    held = wmill.get_state()
    before: dict[str, Any] = held if isinstance(held, dict) else {}
    lasting = frozenset(found) & frozenset(before.get("found", ()))
    known = lasting & frozenset(before.get("told", ()))
    news = lasting - known
    told = lasting if news and tell(news) else known
    wmill.set_state({"found": sorted(found), "told": sorted(told)})
    return Look(lasting, news)
