"""What reading one file may take."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Bounds:
    """Memory is what the reader needs beside itself; seconds are those of the processor."""

    memory: int
    seconds: int
    answer: int = 256 * MEGABYTE


DOCUMENT = Bounds(memory=1000 * MEGABYTE, seconds=120)
SCANS = Bounds(memory=1000 * MEGABYTE, seconds=1800)
PAGE = Bounds(memory=500 * MEGABYTE, seconds=20)
TABLE = Bounds(memory=2000 * MEGABYTE, seconds=120, answer=1000 * MEGABYTE)
PICTURE = Bounds(memory=1000 * MEGABYTE, seconds=20)
SOUND = Bounds(memory=500 * MEGABYTE, seconds=60)
