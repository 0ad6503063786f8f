"""A rented machine's server as a deployment: where it answers, and how long it is waited for."""

import pytest

from tests.targets.support import deployment
from windmill.scripts.targets.exoscale.target import Exoscale
from windmill.scripts.targets.runpod.target import Runpod

LIVE = deployment("llm-1", target="runpod", endpoint_url="https://x-8000.proxy.runpod.net/")


@pytest.mark.parametrize(
    ("server", "path", "least_minutes"),
    [
        ("vllm", "/v1/models", 20),
        ("ollama", "/api/version", 20),
        ("llamafactory", "/v1/models", 180),
    ],
)
def test_it_is_asked_for_its_models_and_given_time(
    server: str, path: str, least_minutes: int
) -> None:
    (probe,) = Runpod().probes(LIVE, [server])
    assert probe.url == f"https://x-8000.proxy.runpod.net{path}"
    assert probe.patience_seconds >= least_minutes * 60


def test_a_machine_that_installs_a_driver_first_is_given_longer() -> None:
    (first,), (second,) = (each.probes(LIVE, ["vllm"]) for each in (Runpod(), Exoscale()))
    assert second.patience_seconds - first.patience_seconds >= 600


def test_only_vllm_is_watched_by_prometheus() -> None:
    assert Runpod().urls(LIVE, ["vllm"])["metrics"] == "https://x-8000.proxy.runpod.net/metrics"
    assert "metrics" not in Runpod().urls(LIVE, ["ollama"])
