"""A GPU machine from plan to its end: RunPod's strict fake, whose Pods are real containers."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.docker_engine.engine import Engine
from tests.e2e.harness import Platform
from tests.e2e.rented.pods import Pods, proxy
from tests.fakes.runpod.fake import KEY, FakeRunpod
from tests.fakes.served import served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("docker"),
]
PCIE, SXM = "NVIDIA A100 80GB PCIe", "NVIDIA A100-SXM4-80GB"
PRICES = {PCIE: 1.19, SXM: 1.39}
DEPLOY = ("deploy", "vllm-serving", "--target", "runpod")


@pytest.fixture(scope="module")
def pods(docker_engine: Engine) -> Pods:
    return Pods(docker_engine)


@pytest.fixture(scope="module")
def fake(pods: Pods) -> FakeRunpod:
    made = FakeRunpod(prices=dict(PRICES), stop=pods.stop)

    def start(pod: Mapping[str, Any]) -> None:
        made.held[pod["id"]]["status"] = "RUNNING" if pods.start(pod) else "EXITED"

    made.start = start
    return made


@pytest.fixture(scope="module")
def keyless(fake: FakeRunpod, pods: Pods) -> Iterator[Platform]:
    with (
        served(fake) as address,
        proxy(pods) as machines,
        tempfile.TemporaryDirectory(prefix="mlops-") as folder,
    ):
        told = {"RUNPOD_API_BASE_URL": f"{address}/v2", "RUNPOD_PROXY_URL": machines}
        platform = Platform(Path(folder), told)
        try:
            platform.run("up")
            yield platform
        finally:
            platform.run("down", "--destroy", fine=(0, 1, 2))


@pytest.fixture(scope="module")
def platform(keyless: Platform) -> Platform:
    with keyless.gateway() as gateway:
        gateway.put("/provider-keys/runpod", json={"key": KEY}).raise_for_status()
    return keyless


@pytest.fixture(scope="module")
def live(platform: Platform) -> Any:
    return platform.json(*DEPLOY)


def asked(platform: Platform, name: str) -> str:
    with platform.api(name) as api:
        message = {"role": "user", "content": "Hello?"}
        answer = api.post("v1/chat/completions", json={"messages": [message]})
        assert answer.is_success, answer.text
        return str(answer.json()["choices"][0]["message"]["content"])


def test_without_a_key_nothing_is_rented_and_the_command_that_stores_it_is_told(
    keyless: Platform, fake: FakeRunpod
) -> None:
    refused = keyless.run(*DEPLOY, fine=(1,))
    assert "mlops provider-key runpod" in refused.stdout + refused.stderr
    assert not fake.requests


def test_one_machine_is_rented_and_its_server_answers_who_has_the_key(
    platform: Platform, live: dict[str, Any], fake: FakeRunpod
) -> None:
    (pod,) = fake.held.values()
    assert asked(platform, "vllm-serving") == "Qwen/Qwen3-8B was asked: Hello?"
    assert httpx.get(f"{live['endpoint_url']}/v1/models").status_code == 401
    assert pod["name"].split(".")[0::2] == ["mlops", live["deployment_id"]]
    assert pod["image"].startswith("vllm/vllm-openai:")


def test_the_same_again_changes_nothing(
    platform: Platform, live: dict[str, Any], fake: FakeRunpod
) -> None:
    before = [*fake.held]
    assert "nothing changed" in platform.run(*DEPLOY).stdout
    assert [*fake.held] == before


def test_no_secret_stands_in_what_is_kept_or_told(platform: Platform, live: dict[str, Any]) -> None:
    secrets = (KEY, platform.key("vllm-serving"))
    texts = [file.read_bytes() for file in platform.home.rglob("*.tfstate*")]
    texts += [file.read_bytes() for file in (platform.home / "logs").glob("*")]
    texts.append(platform.run("logs", "vllm-serving").stdout.encode())
    assert texts
    assert not [text for text in texts for secret in secrets if secret.encode() in text]


def test_another_model_is_another_machine_and_the_older_one_ends_once_it_answers(
    platform: Platform, live: dict[str, Any], fake: FakeRunpod
) -> None:
    (before,) = fake.held
    platform.json(*DEPLOY, "--set", "model=org/another")
    (after,) = fake.held
    assert after != before
    assert asked(platform, "vllm-serving").startswith("org/another was asked")


def test_a_failed_update_gives_back_what_it_rented_and_leaves_what_people_use(
    platform: Platform, live: dict[str, Any], fake: FakeRunpod, pods: Pods
) -> None:
    (before,) = fake.held
    failed = platform.run(*DEPLOY, "--set", "model=no/such", fine=(1,))
    assert "No machine was rented" in failed.stdout + failed.stderr
    assert [*fake.held] == [before] == [*pods.containers]
    assert asked(platform, "vllm-serving").startswith("org/another was asked")


def test_nothing_is_forgotten_and_destroying_gives_it_back(
    platform: Platform, live: dict[str, Any], fake: FakeRunpod, pods: Pods
) -> None:
    assert platform.json("orphans")["orphans"] == []
    platform.run("destroy", "vllm-serving", "--yes")
    assert not fake.held
    assert not pods.containers
    assert platform.json("orphans")["orphans"] == []


def test_ollama_is_told_to_fetch_its_model_and_goes_on_where_it_was_cut_off(
    platform: Platform, fake: FakeRunpod, pods: Pods
) -> None:
    live = platform.json("deploy", "ollama-serving", "--target", "runpod")
    tags = httpx.get(f"{live['endpoint_url']}/api/tags").json()
    assert [model["name"] for model in tags["models"]] == ["qwen3:8b"]
    platform.run("destroy", "ollama-serving", "--yes")
    assert not fake.held
