"""Compose and Kubernetes tell the same services the same: a setting that one lacks is a surprise to
whoever moves from the one to the other."""

from typing import Any

import pytest

from tests.k8s.test_manifests import OVERLAYS, containers, of_kind, pods
from tests.stack.test_compose import SERVICES, filled

pytestmark = pytest.mark.xdist_group("kubernetes")
YOURS = {"postgres", "redis", "follower"}  # no manifest of ours starts them
ONLY_IN_COMPOSE = {
    # Kubernetes hands them over as files.
    "prometheus": {"MLOPS_METRICS_TOKEN"},
    "alertmanager": {"NOTIFY_TOKEN"},
}
ONLY_IN_KUBERNETES = {
    # Of what an address is put together, where Compose puts it together itself.
    "windmill-server": {"POSTGRES_HOST", "WINDMILL_DB_PASSWORD"},
    "windmill-worker": {"POSTGRES_HOST", "WINDMILL_DB_PASSWORD", "REGISTRY_DB_PASSWORD"},
    "gateway": {"POSTGRES_HOST", "REGISTRY_DB_PASSWORD", "GATEWAY_DB_PASSWORD"},
    # Its root is read-only there.
    "litellm": {"HOME"},
}
# Model servers stand elsewhere: beside the pods there, on the host here.
OTHER_VALUE = {"OLLAMA_URL", "VLLM_URL", "PIPELINES_URL"}
MADE_OF_PARTS = {"DATABASE_URL", "ACCESS_DATABASE_URL", "MLOPS_DATABASE_URL"}


def told(overlay: str, name: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in containers(overlay)[name].get("env", ())}


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("name", sorted(set(SERVICES) - YOURS))
def test_a_service_is_told_the_same_settings(overlay: str, name: str) -> None:
    compose = set(SERVICES[name].get("environment", {}))
    assert told(overlay, name).keys() - ONLY_IN_KUBERNETES.get(name, set()) == (
        compose - ONLY_IN_COMPOSE.get(name, set())
    )


@pytest.mark.parametrize("name", sorted(set(SERVICES) - YOURS))
def test_what_is_written_out_has_the_same_value(name: str) -> None:
    compose = SERVICES[name].get("environment", {})
    for key, each in told("single-node", name).items():
        if "value" in each and key in compose and key not in OTHER_VALUE | MADE_OF_PARTS:
            assert each["value"] == str(compose[key]), key


@pytest.mark.parametrize("name", sorted(set(SERVICES) - YOURS))
def test_what_may_be_left_out_may_be_left_out_in_both(name: str) -> None:
    """A reference that is not optional keeps a pod from starting."""
    for key, each in told("single-node", name).items():
        secret = each.get("valueFrom", {}).get("secretKeyRef", {})
        value = SERVICES[name].get("environment", {}).get(key)
        if secret.get("name") == "mlops" and value:
            assert bool(secret.get("optional")) == (":?" not in value), key


@pytest.mark.parametrize("name", sorted(set(SERVICES) - YOURS))
def test_an_address_has_the_default_of_compose(name: str) -> None:
    maps = of_kind("single-node", "ConfigMap")
    for key, each in told("single-node", name).items():
        source = each.get("valueFrom", {}).get("configMapKeyRef")
        value = SERVICES[name].get("environment", {}).get(key)
        if source and value:
            assert maps[source["name"]]["data"][source["key"]] == filled(value), key


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_gateway_starts_once_bootstrap_has_made_its_keys(overlay: str) -> None:
    spec = pods(overlay)["gateway"]["spec"]
    (wait,) = spec["initContainers"]
    claims = {each["name"]: each.get("persistentVolumeClaim") for each in spec["volumes"]}
    (mounted,) = [m for m in wait["volumeMounts"] if claims[m["name"]]]
    assert mounted["readOnly"]
    assert claims[mounted["name"]] == {"claimName": "keys"}
    assert told(overlay, "gateway")["MLOPS_SECRETS_DIR"]["value"] == mounted["mountPath"]
