"""How far it goes: sums over many deployments, and a queue before few or many workers.

    python -m tests.bench.scale --deployments 1000000 [--url postgresql+psycopg://…]
    python -m tests.bench.scale --queue

Prints what docs/scale.md tells.
"""

import argparse
import heapq
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Table, insert

from windmill.scripts.store.figures.totals import spent_since, totals
from windmill.scripts.store.registry import Registry
from windmill.scripts.store.tables import ChargeRow, DeploymentRow

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BATCH = 20_000
TIMES = 3
LIVING = 0.02  # the rest is destroyed: a registry grows by what is over
STEP_SECONDS = (0.6, 0.4, 0.5, 6.0, 40.0, 8.0, 0.5, 0.5)  # of a deploy, one job each
DEPLOYS = 4000


def rows(number: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """A deployment and what it is charged."""
    for n in range(number):
        lives, at = n % int(1 / LIVING) == 0, NOW - timedelta(minutes=n % 500_000)
        id = f"{n:032x}"
        yield (
            {
                "id": id, "name": f"d{n}", "live_name": f"d{n}" if lives else None,
                "target": ("local", "runpod", "vastai", "exoscale")[n % 4], "machine": "",
                "state": "live" if lives else "destroyed", "ports": {}, "urls": {}, "revision": 1,
                "live_revision": 1, "place": None, "run_id": "", "error": "", "created_at": at,
                "updated_at": at,
            },
            {
                "deployment_id": id, "attempt": "", "revision": 1, "since": at,
                "price": {"target": "runpod", "offer": "L4", "hourly_usd": 0.4, "list_usd": 0.9},
                "until": None if lives else at + timedelta(hours=5),
            },
        )  # fmt: skip


def fill(registry: Registry, number: int) -> None:
    made = rows(number)
    tables: list[Any] = [DeploymentRow.__table__, ChargeRow.__table__]
    while batch := list(islice(made, BATCH)):
        with registry.engine.begin() as connection:
            for table, values in zip(tables, zip(*batch, strict=True), strict=True):
                assert isinstance(table, Table)
                connection.execute(insert(table), list(values))


def fastest(work: Callable[[], object]) -> float:
    """Seconds, of the quickest of three."""
    taken = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def registry_of(number: int, url: str) -> None:
    registry = Registry(url)
    fill(registry, number)
    week = NOW - timedelta(days=7)
    for name, work in {
        "totals, as /metrics/platform asks": lambda: totals(registry, NOW),
        "a week's cost, as /costs asks": lambda: spent_since(registry, week, NOW),
        "what lives, as `mlops ls` asks": lambda: registry.list(),
        "one by its name": lambda: registry.get("d50"),
    }.items():
        print(f"{number:>9} deployments  {fastest(work):8.4f} s  {name}")


@dataclass(frozen=True)
class Waited:
    """Seconds until a deploy was live: of half of them and of 95 of 100."""

    half: float
    most: float
    busy: float


def queue_of(workers: int, deploys_an_hour: float, seed: int = 1) -> Waited:
    """Deploys come at random; their steps follow each other, each a job for any free worker.

    A job takes its step's time, half of it to twice of it. First come, first served.
    """
    chance = random.Random(seed)
    at, taken, worked = 0.0, [], 0.0
    free = [0.0] * workers
    jobs: list[tuple[float, int, int]] = []
    begun = {}
    for n in range(DEPLOYS):
        at += chance.expovariate(deploys_an_hour / 3600)
        begun[n] = at
        jobs.append((at, n, 0))
    heapq.heapify(jobs)
    end = 0.0
    while jobs:
        ready, n, step = heapq.heappop(jobs)
        start = max(ready, heapq.heappop(free))
        seconds = STEP_SECONDS[step] * chance.uniform(0.5, 2)
        end, worked = start + seconds, worked + seconds
        heapq.heappush(free, end)
        if step + 1 < len(STEP_SECONDS):
            heapq.heappush(jobs, (end, n, step + 1))
        else:
            taken.append(end - begun[n])
    taken.sort()
    return Waited(
        taken[len(taken) // 2], taken[int(0.95 * len(taken))], worked / (workers * max(free))
    )


def queues() -> None:
    for workers in (1, 10, 100):
        for an_hour in (20, 30, 200, 300, 2000, 3000, 4000):
            if an_hour / workers > 45 or an_hour / workers < 15:
                continue
            found = queue_of(workers, an_hour)
            told = f"half {found.half:7.0f} s  95 of 100 {found.most:7.0f} s  busy {found.busy:.0%}"
            print(f"{workers:4} workers  {an_hour:5} deploys an hour  {told}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deployments", type=int, default=0)
    parser.add_argument("--url", default="")
    parser.add_argument("--queue", action="store_true")
    options = parser.parse_args()
    if options.queue:
        queues()
    if options.deployments:
        with tempfile.TemporaryDirectory() as folder:
            registry_of(options.deployments, options.url or f"sqlite:///{folder}/registry.db")


if __name__ == "__main__":
    main()
