"""A process' log as it grows: its end is asked for again and again, what is new of it told."""

import time
from collections.abc import Callable, Iterator, Sequence

WINDOW = 1000  # as much as the gateway gives
PAUSE_SECONDS = 2.0


def followed(
    end_of_log: Callable[[], Sequence[str]], first: int, pause: float = PAUSE_SECONDS
) -> Iterator[str]:
    """At most `first` of what is there already, then each line that comes."""
    before = end_of_log()
    yield from before[-first:]
    while True:
        time.sleep(pause)
        after = end_of_log()
        yield from unseen(before, after)
        before = after


def unseen(before: Sequence[str], after: Sequence[str]) -> Sequence[str]:
    """What a log's end has now and had not before; all of it where nothing is common to both.

    A last line that was only half written then is told again once it is whole.
    """
    for start in range(len(before)):
        *whole, last = before[start:]
        count = len(whole)
        if list(after[:count]) == whole and after[count : count + 1]:
            if after[count] == last:
                return after[count + 1 :]
            if start == 0 and after[count].startswith(last):
                return after[count:]
    return after
