"""A million offers: the best 20 under five constraints, beside gpuhunt's query on the same file.

Both are programs of their own that hold what they read, answer when a line comes, and say how much
memory they took; the peer runs in an environment of its own.
"""

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sync.build.install_once import built_once
from tests.bench.catalog import LOCK, install_peers
from tests.bench.measure import interleaved, table

ROOT = Path(__file__).parents[2]
OFFERS, SHOWN = 1_000_000, 20
# As gpuhunt's query has it: name, how many, CPUs, memory and price; on demand alone.
ASKED = {"gpu": "L40S", "gpus": 2, "cpus": 16, "memory_gb": 128, "max_hourly_usd": 2.0}
GPUS = {"T4": 16, "A10": 24, "L4": 24, "L40": 48, "L40S": 48, "A40": 48, "RTX4090": 24, "B200": 180}
MEMORY = """
import re
from pathlib import Path
def megabytes():
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
"""
ANSWER = """
import json, sys
print(megabytes(), flush=True)
for line in sys.stdin:
    print(json.dumps(answer()), flush=True)
"""
OURS = """
import sys
from windmill.scripts.model.cost.gpuhunt_catalog import rows
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.cost.book.offer_book import OfferBook
from windmill.scripts.model.cost.optimizer import Constraints
from windmill.scripts.model.cost.gpus import canonical
def offers():
    with open(sys.argv[1], newline="") as lines:
        for row in rows(lines, sys.argv[1]):
            yield Offer(target="vastai", name=row.instance_name, hourly_usd=row.price,
                        gpu=canonical(row.gpu_name), gpu_memory_gb=row.gpu_memory, spot=row.spot,
                        gpus=row.gpu_count, cpus=row.cpu, memory_gb=row.memory, region=row.location)
book, wanted = OfferBook(offers()), Constraints.model_validate_json(sys.argv[2])
def answer():
    best = book.best(wanted, int(sys.argv[3]))
    return best.fitting, [each.offer.name for each in best.candidates]
"""
PEER = """
import json, sys, time
from gpuhunt import Catalog
from gpuhunt._internal import storage
from gpuhunt._internal.catalog import ProviderCatalog
catalog, asked = Catalog(auto_reload=False), json.loads(sys.argv[2])
with open(sys.argv[1], newline="") as lines:
    items = list(storage.load(lines, provider="runpod"))
catalog.catalog["runpod"] = ProviderCatalog("1", items)
catalog.loaded_at = time.monotonic()
def answer():
    found = catalog.query(
        provider="runpod", gpu_name=asked["gpu"], min_gpu_count=asked["gpus"], spot=False,
        min_cpu=asked["cpus"], min_memory=asked["memory_gb"], max_price=asked["max_hourly_usd"])
    found.sort(key=lambda each: (each.price / each.gpu_count, each.price, each.instance_name))
    return len(found), [each.instance_name for each in found[:int(sys.argv[3])]]
"""


def offers(rounds: int) -> str:
    peers = built_once("bench", install_peers, LOCK)
    with tempfile.TemporaryDirectory(prefix="mlops-") as folder:
        file = Path(folder) / "runpod.csv"
        write(file, OFFERS)
        with _program(OURS, file, ROOT) as ours, _program(PEER, file, peers) as peer:
            taken = {"ours": _memory(ours), "peer": _memory(peer)}
            assert _asked(ours) == _asked(peer), "both find as many, and the same come first"
            measured = interleaved(
                {"ours": lambda: _asked(ours), "peer: gpuhunt's query": lambda: _asked(peer)},
                rounds,
            )
    told = table(f"{OFFERS} offers, the best {SHOWN} under five constraints", measured, "ours")
    memory = "  largest memory: ours {ours} MB, gpuhunt {peer} MB"
    return "\n".join([told, memory.format(**taken)])


def write(file: Path, count: int) -> None:
    """In gpuhunt's format. Always the same."""
    chance = random.Random(20)
    names = [*GPUS]
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["instance_name", "location", "price", "cpu", "memory", "gpu_count",
                         "gpu_name", "gpu_memory", "spot", "disk_size", "gpu_vendor", "flags",
                         "cpu_arch", "provider_data"])  # fmt: skip
        for number in range(count):
            gpu, gpus = chance.choice(names), chance.choice((1, 2, 4, 8))
            price = round(chance.uniform(0.2, 4) * gpus, 4)
            size = chance.choice((4, 8, 16, 32, 64)), chance.choice((16, 64, 128, 256, 512))
            place = f"region-{chance.randrange(40)}"
            kind = [gpus, gpu, GPUS[gpu], chance.random() < 0.3, "", "nvidia", "", "x86", "{}"]
            writer.writerow([f"machine-{number}", place, price, *size, *kind])


@contextmanager
def _program(code: str, file: Path, packages: Path) -> Iterator[subprocess.Popen[str]]:
    arguments = [str(file), json.dumps(ASKED), str(SHOWN)]
    command = [sys.executable, "-c", MEMORY + code + ANSWER, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(packages)}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, env=environment, cwd=file.parent
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _memory(process: subprocess.Popen[str]) -> int:
    """MB, once it has read everything."""
    assert process.stdout is not None
    return int(process.stdout.readline())


def _asked(process: subprocess.Popen[str]) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("again\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())
