"""A GPU machine of Exoscale: its strict fake, whose instances start what cloud-init is told to."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.e2e.harness import Platform
from tests.e2e.rented.containers import Containers
from tests.fakes.exoscale.fake import KEY, KEY_SECRET, FakeExoscale

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("rented"),
]
DEPLOY = ("deploy", "vllm-serving", "--name", "zones", "--target", "exoscale")


@pytest.fixture(scope="module")
def platform(keyless: Platform, store_key: Callable[[str, str], None]) -> Platform:
    store_key("exoscale", KEY)
    return keyless


@pytest.fixture(scope="module")
def live(platform: Platform) -> Any:
    return platform.json(*DEPLOY)


def test_the_cheapest_of_the_account_is_rented_and_answers_who_has_the_key(
    asked: Callable[[Platform, str], str],
    platform: Platform,
    live: dict[str, Any],
    exoscale: FakeExoscale,
) -> None:
    (instance,) = exoscale.held.values()
    assert instance["zone"] == "at-vie-2"
    assert instance["labels"]["mlops-machine"].split(".")[0::2] == ["mlops", live["deployment_id"]]
    assert asked(platform, "zones") == "Qwen/Qwen3-8B was asked: Hello?"
    assert httpx.get(f"{live['endpoint_url']}/v1/models").status_code == 401


def test_the_same_again_rents_nothing_and_no_secret_is_kept_or_told(
    platform: Platform, live: dict[str, Any], exoscale: FakeExoscale
) -> None:
    before = [*exoscale.held]
    assert "nothing changed" in platform.run(*DEPLOY).stdout
    assert [*exoscale.held] == before
    secrets = (KEY_SECRET, platform.key("zones"))
    texts = [file.read_bytes() for file in platform.home.rglob("*.tfstate*")]
    texts += [file.read_bytes() for file in (platform.home / "logs").glob("*")]
    texts.append(platform.run("logs", "zones").stdout.encode())
    assert not [text for text in texts for secret in secrets if secret.encode() in text]


def test_destroying_gives_it_back_and_leaves_no_orphan(
    platform: Platform, live: dict[str, Any], exoscale: FakeExoscale, machines: Containers
) -> None:
    made = {*exoscale.held}
    platform.run("destroy", "zones", "--yes")
    assert not exoscale.held
    assert not made & {*machines.running}
    told = platform.json("orphans")
    assert "Exoscale" in told["looked_at"]
    assert told["orphans"] == []
