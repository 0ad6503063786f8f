"""How what a deployment runs is reached from here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

import httpx


def last_lines(log: PurePath, count: int) -> Sequence[str]:
    """Of a file of this machine; none where it is not there."""
    try:
        with open(log, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()[-count:]
    except OSError:
        return []


@dataclass(frozen=True)
class Reach:
    """`mounts` are httpx's: which addresses are reached by another way than the plain one."""

    mounts: Mapping[str, httpx.BaseTransport] = field(default_factory=dict)
    tail: Callable[[PurePath, int], Sequence[str]] = last_lines

    def client(self, patience_seconds: float) -> httpx.Client:
        return httpx.Client(timeout=patience_seconds, trust_env=False, mounts=dict(self.mounts))


DIRECT = Reach()
