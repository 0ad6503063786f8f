"""`make bench`: ours, the peer and the physical floor from one interleaved run, with the load."""

import os
import sys
import tempfile
from pathlib import Path

from tests.bench.cases import cold_cli, deploy_and_ask, python_step
from tests.bench.catalog import big_catalog, shipped_catalog
from tests.bench.deployments import configurations, plan_of_one
from tests.bench.engine_steps import engine_steps
from tests.e2e.harness import Platform


def main() -> int:
    print(f"{os.cpu_count()} cores, load average before {os.getloadavg()[0]:.2f}")
    print(cold_cli(rounds=15))
    print(shipped_catalog(rounds=7))
    print(big_catalog(rounds=7))
    print(configurations(rounds=15))
    print(plan_of_one(rounds=7))
    print(engine_steps(rounds=9))
    with tempfile.TemporaryDirectory(prefix="mlops-") as folder:
        platform = Platform(Path(folder))
        try:
            platform.run("up")
            print(python_step(platform, rounds=15))
            print(deploy_and_ask(platform))
        finally:
            platform.run("down", "--destroy", fine=(0, 1, 2))
    print(f"load average after {os.getloadavg()[0]:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
