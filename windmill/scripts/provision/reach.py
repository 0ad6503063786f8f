"""How what a deployment runs is reached from here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from os import SEEK_END
from pathlib import PurePath

import httpx

MOST_BYTES = 4_000_000


def last_lines(log: PurePath, count: int) -> Sequence[str]:
    """Of a file of this machine; none where it is not there."""
    try:
        with open(log, "rb") as file:
            file.seek(max(0, file.seek(0, SEEK_END) - MOST_BYTES))
            return whole_lines(file.read(MOST_BYTES), count)
    except OSError:
        return []


def whole_lines(end: bytes, count: int) -> Sequence[str]:
    """Of at most MOST_BYTES from a log's end: of so many the first line may have lost its head."""
    lines = end.decode(errors="replace").splitlines()
    return lines[1 if len(end) >= MOST_BYTES else 0 :][-count:]


@dataclass(frozen=True)
class Reach:
    """`mounts` are httpx's: which addresses are reached by another way than the plain one."""

    mounts: Mapping[str, httpx.BaseTransport] = field(default_factory=dict)
    tail: Callable[[PurePath, int], Sequence[str]] = last_lines

    def client(self, patience_seconds: float) -> httpx.Client:
        return httpx.Client(timeout=patience_seconds, trust_env=False, mounts=dict(self.mounts))


DIRECT = Reach()
