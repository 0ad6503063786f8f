"""Interleaved timing: every contender runs once per round, so that load hits them alike."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Run = Callable[[], object]


@dataclass(frozen=True)
class Measured:
    """Seconds: the median and the fastest and slowest of the rounds."""

    median: float
    fastest: float
    slowest: float


def interleaved(contenders: Mapping[str, Run], rounds: int) -> dict[str, Measured]:
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for run in contenders.values():
        run()
    for _ in range(rounds):
        for name, run in contenders.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    return {
        name: Measured(statistics.median(taken), min(taken), max(taken))
        for name, taken in seconds.items()
    }


def command(*arguments: str, env: Mapping[str, str] | None = None) -> Run:
    def run() -> None:
        subprocess.run(
            arguments, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **(env or {})}
        )

    return run


def table(title: str, measured: Mapping[str, Measured], ours: str) -> str:
    lines = [title]
    for name, figure in measured.items():
        ratio = measured[ours].median / figure.median
        spread = f"{figure.fastest:.3f}–{figure.slowest:.3f}"
        lines.append(f"  {name:34} {figure.median:8.3f} s  ({spread})  ours is {ratio:.2f} ×")
    return "\n".join(lines)
