"""A GPU machine from plan to its end: RunPod's strict fake, whose Pods are real containers."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.e2e.harness import Platform
from tests.e2e.rented.containers import Containers
from tests.fakes.runpod.fake import KEY, FakeRunpod

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("rented"),
]
DEPLOY = ("deploy", "vllm-serving", "--target", "runpod")
Asked = Callable[[Platform, str], str]


@pytest.fixture(scope="module")
def platform(keyless: Platform, store_key: Callable[[str, str], None]) -> Platform:
    store_key("runpod", KEY)
    return keyless


@pytest.fixture(scope="module")
def live(platform: Platform) -> Any:
    return platform.json(*DEPLOY)


def test_without_a_key_nothing_is_rented_and_the_command_that_stores_it_is_told(
    keyless: Platform, runpod: FakeRunpod
) -> None:
    refused = keyless.run(*DEPLOY, fine=(1,))
    assert "mlops provider-key runpod" in refused.stdout + refused.stderr
    assert not runpod.requests


def test_one_machine_is_rented_and_its_server_answers_who_has_the_key(
    asked: Asked, platform: Platform, live: dict[str, Any], runpod: FakeRunpod
) -> None:
    (pod,) = runpod.held.values()
    assert asked(platform, "vllm-serving") == "Qwen/Qwen3-8B was asked: Hello?"
    assert httpx.get(f"{live['endpoint_url']}/v1/models").status_code == 401
    assert pod["name"].split(".")[0::2] == ["mlops", live["deployment_id"]]
    assert pod["image"].startswith("vllm/vllm-openai:")


def test_the_same_again_changes_nothing(
    platform: Platform, live: dict[str, Any], runpod: FakeRunpod
) -> None:
    before = [*runpod.held]
    assert "nothing changed" in platform.run(*DEPLOY).stdout
    assert [*runpod.held] == before


def test_no_secret_stands_in_what_is_kept_or_told(platform: Platform, live: dict[str, Any]) -> None:
    secrets = (KEY, platform.key("vllm-serving"))
    texts = [file.read_bytes() for file in platform.home.rglob("*.tfstate*")]
    texts += [file.read_bytes() for file in (platform.home / "logs").glob("*")]
    texts.append(platform.run("logs", "vllm-serving").stdout.encode())
    assert texts
    assert not [text for text in texts for secret in secrets if secret.encode() in text]


def test_another_model_is_another_machine_and_the_older_one_ends_once_it_answers(
    asked: Asked, platform: Platform, live: dict[str, Any], runpod: FakeRunpod
) -> None:
    (before,) = runpod.held
    platform.json(*DEPLOY, "--set", "model=org/another")
    (after,) = runpod.held
    assert after != before
    assert asked(platform, "vllm-serving").startswith("org/another was asked")


def test_a_failed_update_gives_back_what_it_rented_and_leaves_what_people_use(
    asked: Asked, platform: Platform, live: dict[str, Any], runpod: FakeRunpod, machines: Containers
) -> None:
    (before,) = runpod.held
    failed = platform.run(*DEPLOY, "--set", "model=no/such", fine=(1,))
    assert "No machine was rented" in failed.stdout + failed.stderr
    assert [*runpod.held] == [before] == [*machines.running]
    assert asked(platform, "vllm-serving").startswith("org/another was asked")


def test_nothing_is_forgotten_and_destroying_gives_it_back(
    platform: Platform, live: dict[str, Any], runpod: FakeRunpod, machines: Containers
) -> None:
    assert platform.json("orphans")["orphans"] == []
    platform.run("destroy", "vllm-serving", "--yes")
    assert not runpod.held
    assert not machines.running
    assert platform.json("orphans")["orphans"] == []


def test_ollama_is_told_to_fetch_its_model_and_goes_on_where_it_was_cut_off(
    platform: Platform, runpod: FakeRunpod, machines: Containers
) -> None:
    live = platform.json("deploy", "ollama-serving", "--target", "runpod")
    tags = httpx.get(f"{live['endpoint_url']}/api/tags").json()
    assert [model["name"] for model in tags["models"]] == ["qwen3:8b"]
    platform.run("destroy", "ollama-serving", "--yes")
    assert not runpod.held
