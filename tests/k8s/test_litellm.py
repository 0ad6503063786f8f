"""The LiteLLM base: valid on every release, routed to what there is, and locked down."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tools.kubernetes import RELEASES, complaints
from tests.tools.needs import need

BASE = Path(__file__).parents[2] / "k8s" / "manifests" / "litellm"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((BASE / "kustomization.yaml").read_text())
FILES = [BASE / name for name in KUSTOMIZATION["resources"]]
MANIFESTS = {m["kind"]: m for m in (yaml.safe_load(file.read_text()) for file in FILES)}
POD: dict[str, Any] = MANIFESTS["Deployment"]["spec"]["template"]
(CONTAINER,) = POD["spec"]["containers"]

pytestmark = pytest.mark.xdist_group("kubernetes")


def test_every_manifest_is_valid_on_every_release() -> None:
    assert complaints(*FILES) == []


@pytest.mark.parametrize(
    ("right", "wrong"), [("replicas: 2", "replica: 2"), ("httpGet", "httpget")]
)
def test_a_slip_would_be_noticed_on_every_release(tmp_path: Path, right: str, wrong: str) -> None:
    slip = tmp_path / "deployment.yaml"
    slip.write_text((BASE / "deployment.yaml").read_text().replace(right, wrong))
    told = [line for line in complaints(slip) if "did not validate" in line]
    assert len(told) == len(RELEASES)


def test_what_kustomize_makes_of_it_is_valid_and_fits_together(tmp_path: Path) -> None:
    command = [str(need("kubectl")), "kustomize", str(BASE)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (tmp_path / "rendered.yaml").write_text(text)
    assert complaints(tmp_path / "rendered.yaml") == []
    rendered = {m["kind"]: m for m in yaml.safe_load_all(text)}
    pod = rendered["Deployment"]["spec"]["template"]["spec"]
    (config,) = [v["configMap"]["name"] for v in pod["volumes"] if "configMap" in v]
    assert config == rendered["ConfigMap"]["metadata"]["name"]
    assert pod["containers"][0]["image"].count(":") == 1
    assert {m["metadata"]["namespace"] for m in rendered.values()} == {KUSTOMIZATION["namespace"]}


def test_it_routes_to_ollama_vllm_and_deployed_pipelines() -> None:
    models = yaml.safe_load((BASE / "config.yaml").read_text())["model_list"]
    assert [m["model_name"] for m in models] == ["ollama/*", "vllm/*", "pipelines/*"]


def test_the_pod_is_told_every_address_and_key_its_routes_name() -> None:
    asked = set(re.findall(r"os\.environ/(\w+)", (BASE / "config.yaml").read_text()))
    assert asked <= {variable["name"] for variable in CONTAINER["env"]}


def test_no_key_is_written_out() -> None:
    keys = [variable for variable in CONTAINER["env"] if "KEY" in variable["name"]]
    assert keys
    assert all("secretKeyRef" in variable["valueFrom"] for variable in keys)
    assert "Secret" not in MANIFESTS


def test_all_that_selects_pods_selects_these() -> None:
    labels = POD["metadata"]["labels"].items()
    assert MANIFESTS["Service"]["spec"]["selector"].items() <= labels
    for kind, field in [("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")]:
        assert MANIFESTS[kind]["spec"][field]["matchLabels"].items() <= labels
    assert MANIFESTS["Deployment"]["spec"]["selector"]["matchLabels"].items() <= labels


def test_it_has_time_to_start_and_no_rights_it_does_not_need() -> None:
    startup = CONTAINER["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 60
    assert {"livenessProbe", "readinessProbe", "resources"} <= set(CONTAINER)
    assert POD["spec"]["securityContext"]["runAsNonRoot"]
    assert not POD["spec"]["automountServiceAccountToken"]
    rights = CONTAINER["securityContext"]
    assert rights["capabilities"] == {"drop": ["ALL"]}
    assert rights["readOnlyRootFilesystem"]
    assert not rights["allowPrivilegeEscalation"]
