"""`make bench`: ours, the peer and the physical floor from one interleaved run, with the load; then
how well real files are read. `python -m tests.bench reading` prints the second part alone, and
`python -m tests.bench offers` what a million offers take, `python -m tests.bench ssh` what a host
takes longer than this machine (as root: it is a container).
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.cases import cold_cli, deploy_and_ask, python_step
from tests.bench.catalog import big_catalog, shipped_catalog
from tests.bench.deployments import configurations, plan_of_one
from tests.bench.engine_steps import engine_steps
from tests.bench.offers import offers
from tests.bench.on_a_host import on_a_host
from tests.bench.reading import reading
from tests.bench.retrieval import retrieval
from tests.bench.series import real_series
from tests.bench.tables import tables_of_a_pdf
from tests.e2e.harness import Platform


def main(parts: Sequence[str]) -> int:
    print(f"{os.cpu_count()} cores, load average before {os.getloadavg()[0]:.2f}")
    if "offers" in parts:
        print(offers(rounds=15))
    elif "ssh" in parts:
        print(on_a_host(rounds=3))
    else:
        whole(parts)
    print(f"load average after {os.getloadavg()[0]:.2f}")
    return 0


def whole(parts: Sequence[str]) -> None:
    if "reading" not in parts:
        speed()
    quality()


def quality() -> None:
    print(real_series())
    print(reading())
    print(tables_of_a_pdf())
    print(retrieval())


def speed() -> None:
    print(cold_cli(rounds=15))
    print(shipped_catalog(rounds=7))
    print(big_catalog(rounds=7))
    print(configurations(rounds=15))
    print(plan_of_one(rounds=7))
    print(engine_steps(rounds=9))
    print(offers(rounds=15))
    with tempfile.TemporaryDirectory(prefix="mlops-") as folder:
        platform = Platform(Path(folder))
        try:
            platform.run("up")
            print(python_step(platform, rounds=15))
            print(deploy_and_ask(platform))
        finally:
            platform.run("down", "--destroy", fine=(0, 1, 2))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
