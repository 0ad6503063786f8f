"""A meta-pipeline of three levels: deployed for real, watched, redeployed, destroyed as one."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.harness import EXAMPLES, Platform

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("platform")]
DATA = EXAMPLES.parent / "data"
NAME = "team"
PARTS = {
    "embeddings": "team-embeddings",
    "insights/classifier": "team-insights-classifier",
    "insights/forecast": "team-insights-forecast",
}
ARGUMENTS = (
    "deploy", "knowledge-platform", "--name", NAME, "--target", "local",
    f"--set=tickets={DATA / 'tickets.csv'}", f"--set=series={DATA / 'visitors.csv'}",
)  # fmt: skip


@pytest.fixture(scope="module")
def team(platform: Platform) -> Iterator[dict[str, Any]]:
    """Its last status, with the steps that were seen at work."""
    run = platform.json(*ARGUMENTS, "--no-wait")["id"]
    seen: set[str] = set()
    with platform.gateway() as gateway:
        while True:
            status: dict[str, Any] = gateway.get(f"/pipelines/{run}/status").json()
            seen |= {step["id"] for step in status["steps"] if step["state"] == "running"}
            if status["state"] in ("live", "failed", "degraded"):
                break
            time.sleep(0.3)
    assert status["state"] == "live", status["error"]
    yield {**status, "seen": seen}
    platform.run("destroy", NAME, "--yes")


def test_every_level_is_watched_while_it_is_built(team: dict[str, Any]) -> None:
    assert {f"{part}/configure" for part in PARTS} <= team["seen"]
    ids = [step["id"] for step in team["steps"]]
    assert {"insights/check/health", "insights/check/ask", "desks/desk", "tell"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_its_outputs_come_from_the_deepest_level_and_every_address_answers(
    team: dict[str, Any],
) -> None:
    made = {each["step"]: each for each in team["deployments"]}
    assert {step: each["name"] for step, each in made.items()} == PARTS
    assert {each["state"] for each in made.values()} == {"live"}
    outputs = team["outputs"]
    assert outputs["classifier"] == made["insights/classifier"]["endpoint_url"]
    assert outputs["answer"]["output"]["label"] == "delivery"
    assert outputs["desks"] == []
    for each in made.values():
        assert httpx.get(f"{each['endpoint_url']}/health", timeout=30).status_code == 200


def test_deploying_it_again_changes_nothing(platform: Platform, team: dict[str, Any]) -> None:
    again = platform.json(*ARGUMENTS)
    assert again["changed"] is False
    assert [each["id"] for each in again["deployments"]] == [
        each["id"] for each in sorted(team["deployments"], key=lambda each: _order(again, each))
    ]
    shown = platform.run("ls").stdout
    assert f"{NAME} " in shown
    assert "  team-insights-forecast" in shown


def _order(status: dict[str, Any], made: dict[str, Any]) -> int:
    return [each["name"] for each in status["deployments"]].index(made["name"])


def test_destroying_it_leaves_nothing(platform: Platform, team: dict[str, Any]) -> None:
    platform.run("destroy", NAME, "--yes")
    for each in team["deployments"]:
        assert not platform.processes_of(each["id"])
        assert not platform.deployment_folder(each["id"]).exists()
    assert platform.json("status", NAME)["state"] == "destroyed"
    assert "destroyed already" in platform.run("destroy", NAME, "--yes").stdout
