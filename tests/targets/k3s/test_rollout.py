"""What keeps a deployment from coming up is told in words, and no sooner than it may pass."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from windmill.scripts.model.base.errors import MlopsError
from windmill.scripts.targets.k3s.errors import PodFailed
from windmill.scripts.targets.k3s.rollout import Sight, wait_until_up

CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("sights.yaml").read_text("utf-8")
)
MOST_SECONDS = 100


class StillWaiting(Exception):
    """Nothing is settled and nothing is wrong."""


def sight(case: dict[str, Any]) -> Sight:
    generation = case.get("generation", 1)
    status = {"observedGeneration": 1, **case["status"]}
    spec = {"replicas": case.get("replicas", 1)}
    running = {"metadata": {"generation": generation}, "spec": spec, "status": status}
    return Sight("churn-1", running, [pod(*each) for each in enumerate(case["pods"])])


def pod(number: int, told: dict[str, Any]) -> dict[str, Any]:
    name = {"metadata": {"name": f"api-{number}"}}
    if "unschedulable" in told:
        condition = {"type": "PodScheduled", "reason": "Unschedulable"}
        return {**name, "status": {"conditions": [{**condition, "message": told["unschedulable"]}]}}
    waiting = {"reason": told.get("waiting"), "message": told.get("message", "")}
    state = {"running": {}} if told.get("running") else {"waiting": waiting}
    return {**name, "status": {"containerStatuses": [{"image": "x:1", "state": state}]}}


def wait(seen: Sight) -> float:
    """Seconds of a clock of its own, a second a look."""
    seconds = count()
    now = [0.0]

    def clock() -> float:
        return now[0]

    def sleep(_: float) -> None:
        now[0] = float(next(seconds))
        if now[0] > MOST_SECONDS:
            raise StillWaiting

    wait_until_up(lambda: seen, lambda _: None, clock, sleep)
    return now[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_a_cluster_says(case: dict[str, Any]) -> None:
    if case.get("waits"):
        with pytest.raises(StillWaiting):
            wait(sight(case))
    elif "raises" not in case:
        assert wait(sight(case)) == 0
    else:
        with pytest.raises(MlopsError) as failed:
            wait(sight(case))
        assert failed.value.code == case["raises"]
        assert case.get("says", "") in failed.value.message
        assert failed.value.fix


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.get("after")], ids=lambda case: case["name"]
)
def test_what_may_pass_is_waited_for(case: dict[str, Any]) -> None:
    seen, looks = sight(case), []
    now = [0.0]

    def look() -> Sight:
        looks.append(now[0])
        return seen

    def sleep(_: float) -> None:
        now[0] += 1

    with pytest.raises(MlopsError):
        wait_until_up(look, lambda _: None, lambda: now[0], sleep)
    assert looks[-1] == case["after"]


def test_what_somebody_deleted_there_is_told() -> None:
    with pytest.raises(PodFailed, match="destroy it and deploy again"):
        wait(Sight("churn-1", {}, []))
