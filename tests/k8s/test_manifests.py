"""The whole stack on Kubernetes: valid on every release, fits together, and is locked down."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.make_env import UNSET
from tests.tools.kubernetes import complaints
from tests.tools.needs import need

ROOT = Path(__file__).parents[2]
OVERLAYS = ("single-node", "ha")
PARTS = {
    *("windmill-server", "windmill-worker", "n8n", "n8n-worker", "n8n-webhook", "gateway"),
    *("litellm", "prometheus", "alertmanager", "grafana", "ollama", "bootstrap"),
}
# Of what no image of ours, and nothing in Git, has: made by whoever installs.
MADE = {"mlops", "litellm"}
# It has no port, Windmill itself sees its pings; and what ends.
WITHOUT_PROBES = {"windmill-worker", "bootstrap"}
# Those that write beside their own volumes, as in docker-compose.yml.
WRITES = {
    *("windmill-server", "windmill-worker", "n8n", "n8n-worker", "n8n-webhook"),
    *("grafana", "bootstrap"),
}
ALMOST_NONE = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}

pytestmark = [
    pytest.mark.xdist_group("kubernetes"),
    pytest.mark.parametrize("overlay", OVERLAYS),
]


@cache
def text(overlay: str) -> str:
    folder = ROOT / "k8s/manifests/overlays" / overlay
    command = [str(need("kubectl")), "kustomize", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@cache
def rendered(overlay: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text(overlay)))


def of_kind(overlay: str, kind: str) -> dict[str, dict[str, Any]]:
    return {m["metadata"]["name"]: m for m in rendered(overlay) if m["kind"] == kind}


def pods(overlay: str) -> dict[str, dict[str, Any]]:
    """Templates, by the name of the Deployment or Job."""
    found = of_kind(overlay, "Deployment") | of_kind(overlay, "Job")
    return {name: each["spec"]["template"] for name, each in found.items()}


def containers(overlay: str) -> dict[str, dict[str, Any]]:
    return {name: pod["spec"]["containers"][0] for name, pod in pods(overlay).items()}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def test_it_is_valid_on_every_release(overlay: str, tmp_path: Path) -> None:
    file = tmp_path / "rendered.yaml"
    file.write_text(text(overlay))
    assert complaints(file) == []


def test_every_part_is_there_once_and_in_one_namespace(overlay: str) -> None:
    assert pods(overlay).keys() == PARTS
    names = [(m["kind"], m["metadata"]["name"]) for m in rendered(overlay)]
    assert len(set(names)) == len(names)
    spaces = {m["metadata"].get("namespace") for m in rendered(overlay) if m["kind"] != "Namespace"}
    assert spaces == {"mlops"}


def test_no_pod_has_rights_it_does_not_need(overlay: str) -> None:
    (space,) = of_kind(overlay, "Namespace").values()
    assert space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, pod in pods(overlay).items():
        assert pod["spec"]["automountServiceAccountToken"] is False, name
        assert pod["spec"]["securityContext"]["runAsNonRoot"], name
        assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for first in pod["spec"].get("initContainers", ()):
            assert first["securityContext"] == ALMOST_NONE, name
    for name, container in containers(overlay).items():
        rights = container["securityContext"]
        assert rights["capabilities"] == {"drop": ["ALL"]}, name
        assert not rights["allowPrivilegeEscalation"], name
        assert rights["readOnlyRootFilesystem"] is (name not in WRITES), name


def test_every_pod_is_watched_and_bounded(overlay: str) -> None:
    for name, container in containers(overlay).items():
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name
        assert "memory" in container["resources"]["limits"], name
        probes = {"startupProbe", "livenessProbe", "readinessProbe"} & container.keys()
        assert len(probes) == (0 if name in WITHOUT_PROBES else 3), name


def test_images_are_those_of_compose(overlay: str) -> None:
    """One place to raise a version at would be better; two that differ would be worse."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    same = {"n8n", "litellm", "prometheus", "alertmanager", "grafana", "windmill-server"}
    for name in sorted(same):
        asked = re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", compose[name]["image"])
        assert containers(overlay)[name]["image"] == asked, name
    assert all(":" in each["image"] for each in containers(overlay).values())


def test_secrets_are_those_that_make_env_makes(overlay: str) -> None:
    asked = set(re.findall(r"secretKeyRef:\s+key: (\S+)\s+name: mlops\n(?!\s+opt)", text(overlay)))
    assert asked
    mounted = {
        item["key"]
        for pod in pods(overlay).values()
        for volume in pod["spec"].get("volumes", ())
        for item in volume.get("secret", {}).get("items", ())
    }
    made = set(UNSET.findall((ROOT / ".env.example").read_text()))
    assert asked | mounted <= made
    assert not of_kind(overlay, "Secret")
    named = set(re.findall(r"secretKeyRef:\s+key: \S+\s+name: (\S+)", text(overlay)))
    assert named <= MADE


def test_what_is_mounted_exists(overlay: str) -> None:
    maps, claims = of_kind(overlay, "ConfigMap"), of_kind(overlay, "PersistentVolumeClaim")
    for name, pod in pods(overlay).items():
        volumes = {each["name"]: each for each in pod["spec"].get("volumes", ())}
        (container,) = pod["spec"]["containers"]
        assert {m["name"] for m in container.get("volumeMounts", ())} == volumes.keys(), name
        for volume in volumes.values():
            assert volume.get("configMap", {}).get("name") in {None, *maps}, name
            assert volume.get("persistentVolumeClaim", {}).get("claimName") in {None, *claims}, name


def test_addresses_are_of_services_that_are_there(overlay: str) -> None:
    """Those of Postgres and Redis are yours; of vLLM and pipelines, which LiteLLM asks, too."""
    elsewhere = {"postgres", "redis", "vllm", "pipelines", "localhost"}
    services = of_kind(overlay, "Service")
    ports = {name: {p["port"] for p in each["spec"]["ports"]} for name, each in services.items()}
    configured = [m for m in rendered(overlay) if m["kind"] in ("Deployment", "ConfigMap")]
    for found in re.findall(r"\bhttp://([a-z0-9-]+):(\d+)", "\n".join(strings(configured))):
        name, port = found
        assert name in elsewhere or int(port) in ports[name], found


def test_a_service_finds_its_pod_and_its_port(overlay: str) -> None:
    for name, service in of_kind(overlay, "Service").items():
        assert service["spec"]["selector"].items() <= labels(overlay, name).items()
        named = {port["name"] for port in containers(overlay)[name]["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= named


def labels(overlay: str, name: str) -> dict[str, str]:
    found: dict[str, str] = pods(overlay)[name]["metadata"]["labels"]
    return found


def test_nobody_is_reached_but_by_whom_a_policy_names(overlay: str) -> None:
    policies = of_kind(overlay, "NetworkPolicy")
    everybody = policies.pop("nobody")["spec"]
    assert (everybody["podSelector"], everybody.get("ingress")) == ({}, None)
    assert policies.keys() == pods(overlay).keys() - WITHOUT_PROBES
    callers = {
        caller["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
        for policy, rule in ((p, r) for p in policies.values() for r in p["spec"]["ingress"])
        for caller in rule["from"]
        if caller.get("podSelector")
    }
    assert callers <= PARTS | {"bootstrap"}


def test_a_node_can_be_drained_and_what_there_are_several_of_stays_up(overlay: str) -> None:
    budgets = of_kind(overlay, "PodDisruptionBudget")
    scaled = of_kind(overlay, "HorizontalPodAutoscaler")
    for name, each in of_kind(overlay, "Deployment").items():
        least = scaled[name]["spec"]["minReplicas"] if name in scaled else each["spec"]["replicas"]
        assert (name in budgets) == (least > 1), name


def test_what_is_scaled_asks_for_a_share_of_a_cpu(overlay: str) -> None:
    scaled = of_kind(overlay, "HorizontalPodAutoscaler")
    assert bool(scaled) == (overlay == "ha")
    for name, each in scaled.items():
        assert each["spec"]["scaleTargetRef"]["name"] == name
        assert containers(overlay)[name]["resources"]["requests"]["cpu"]
        metrics = [metric["type"] for metric in each["spec"]["metrics"]]
        assert "Resource" in metrics


def test_what_one_node_may_write_is_of_one_pod_that_ends_before_the_next_begins(
    overlay: str,
) -> None:
    """Two would wait for each other's volume; what is shared wants many where pods are spread."""
    claims = of_kind(overlay, "PersistentVolumeClaim")
    modes = {name: claim["spec"]["accessModes"] for name, claim in claims.items()}
    for shared in ("targets", "keys"):
        assert modes.pop(shared) == ["ReadWriteMany" if overlay == "ha" else "ReadWriteOnce"]
    for name, each in of_kind(overlay, "Deployment").items():
        volumes = each["spec"]["template"]["spec"].get("volumes", ())
        used = {v.get("persistentVolumeClaim", {}).get("claimName") for v in volumes}
        if used & modes.keys():
            assert each["spec"]["replicas"] == 1, name
            assert each["spec"]["strategy"]["type"] == "Recreate", name
