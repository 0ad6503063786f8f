"""A GPU machine from Vast.ai's market: its strict fake, whose instances are real containers."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.e2e.harness import Platform
from tests.e2e.rented.containers import Containers
from tests.fakes.vastai.fake import KEY, FakeVastai

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("rented"),
]
DEPLOY = ("deploy", "vllm-serving", "--name", "market", "--target", "vastai")


@pytest.fixture(scope="module")
def platform(keyless: Platform, store_key: Callable[[str, str], None]) -> Platform:
    store_key("vastai", KEY)
    return keyless


@pytest.fixture(scope="module")
def live(platform: Platform) -> Any:
    return platform.json(*DEPLOY)


def test_the_cheapest_of_the_market_is_rented_and_answers_who_has_the_key(
    asked: Callable[[Platform, str], str],
    platform: Platform,
    live: dict[str, Any],
    vastai: FakeVastai,
) -> None:
    (instance,) = vastai.held.values()
    assert instance["dph_total"] == min(each["dph_total"] for each in vastai.offers.values())
    assert instance["label"].split(".")[0::2] == ["mlops", live["deployment_id"]]
    assert asked(platform, "market") == "Qwen/Qwen3-8B was asked: Hello?"
    assert httpx.get(f"{live['endpoint_url']}/v1/models").status_code == 401


def test_another_model_takes_another_machine_and_ends_the_older(
    platform: Platform, live: dict[str, Any], vastai: FakeVastai
) -> None:
    (before,) = vastai.held
    assert "nothing changed" in platform.run(*DEPLOY).stdout
    assert [*vastai.held] == [before]
    platform.json(*DEPLOY, "--set", "model=org/another")
    (after,) = vastai.held
    assert after != before


def test_destroying_gives_it_back_and_leaves_no_orphan(
    platform: Platform, live: dict[str, Any], vastai: FakeVastai, machines: Containers
) -> None:
    platform.run("destroy", "market", "--yes")
    assert not vastai.held
    assert not {str(id) for id in vastai.held} & {*machines.running}
    told = platform.json("orphans")
    assert "Vast.ai" in told["looked_at"]
    assert told["orphans"] == []
