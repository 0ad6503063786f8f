"""I4: whatever point a run was killed at, the next one leaves a state that Terraform reads, and a
second plan of the same is empty. Real Terraform holds what was rented; the rest is as in `desk`.

`make faults` looks at every point; else at some of them, for each takes Terraform three runs.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.runpod.fake import FakeRunpod
from tests.targets.rental.desk import A5000, L4, PRICES, Kill, Killed, Steps, World
from tests.targets.support import PROJECT
from windmill.scripts.model.drawing.deployment import State
from windmill.scripts.provision.root_config import render_root
from windmill.scripts.provision.terraform import Terraform
from windmill.scripts.targets.rental.rented_target import MODULE
from windmill.scripts.targets.rental.renting import rent
from windmill.scripts.targets.rental.settling import release

pytestmark = pytest.mark.slow

MODULES = PROJECT / "terraform" / "modules"
STEP = 1 if os.environ.get("MLOPS_EVERY_POINT") else 5


class Deploying:
    """One deployment's folder of Terraform, and the world that its machines are rented in."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.world = World(folder, FakeRunpod(prices=dict(PRICES), listing_lag=2))
        self.terraform = Terraform(folder / "terraform", binary="library")

    def run(self, digest: str, steps: Steps | None = None) -> None:
        """As the steps of the flow do it: rent, apply, then end what was before."""
        steps = steps or Steps()
        desk = self.world.desk(steps)
        new = rent(desk, self.world.order(desk, self.world.deployment(), digest), [L4, A5000])
        self.apply(new.machine_id, new.hourly_usd)
        release(desk, new.deployment_id, keep=new.name)
        self.world.finish(steps, State.live)

    def apply(self, machine: str, hourly_usd: float) -> None:
        self.write(machine, hourly_usd)
        self.terraform.init()
        self.terraform.apply(self.terraform.plan())

    def write(self, machine: str, hourly_usd: float) -> None:
        given: dict[str, Any] = {
            "deployment_id": self.world.deployment().id,
            "machine_id": machine,
            "url": f"https://{machine}-8000.proxy.runpod.net",
            "hourly_usd": hourly_usd,
            "health_path": "/health",
        }
        files = {
            str(f.relative_to(MODULES)): f.read_text() for f in (MODULES / MODULE).glob("*.tf")
        }
        self.terraform.write(render_root(MODULE, given, ("endpoint_url", "machine_id")), files)

    def check(self) -> None:
        """By what the books say now, and not by what the run before wrote."""
        (attempt,) = self.world.desk().books.open()
        self.write(attempt.machine_id, attempt.hourly_usd)
        assert not self.terraform.plan().changes, "I4"
        assert self.terraform.outputs()["machine_id"] == attempt.machine_id, "I4"
        json.loads((self.terraform.workdir / "terraform.tfstate").read_text())


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kill", ["before", "after"])
@pytest.mark.parametrize("deployed_before", [False, True], ids=["deploy", "redeploy"])
def test_a_second_plan_is_empty_whatever_point_the_run_was_killed_at(
    tmp_path: Path, deployed_before: bool, kill: Kill
) -> None:
    counted = Deploying(tmp_path / "counted")
    if deployed_before:
        counted.run("one")
    steps = Steps()
    counted.run("two", steps)
    counted.check()
    assert steps.count > 6
    for number in range(1, steps.count + 1, STEP):
        deploying = Deploying(tmp_path / f"{number}")
        if deployed_before:
            deploying.run("one")
        with pytest.raises(Killed):
            deploying.run("two", Steps({number: kill}))
        deploying.run("two")
        deploying.check()
