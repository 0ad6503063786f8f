"""What Kubernetes is told: valid everywhere, locked down, and what people write stays data."""

import csv
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.targets.support import PROJECT, deployment, settled
from tests.tools.kubernetes import complaints
from tests.tools.needs import need
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.drawing.pipeline import Gpu
from windmill.scripts.targets.k3s import images as workloads
from windmill.scripts.targets.k3s.companions import litellm_configuration
from windmill.scripts.targets.k3s.documents import MOST_BYTES
from windmill.scripts.targets.k3s.errors import TooLarge
from windmill.scripts.targets.k3s.manifests import config_map, keys, labels_of, llm_keys, resources
from windmill.scripts.targets.k3s.placing import NEEDED
from windmill.scripts.targets.k3s.target import K3s
from windmill.scripts.targets.k3s.workload import MOST_GRAPH, workload_of
from windmill.scripts.targets.protocol import Order

pytestmark = [pytest.mark.usefixtures("embedded", "image"), pytest.mark.xdist_group("kubernetes")]
HOSTILE = ("${path.module}", "{{ x }}", "$(API_KEY)", "$$", "a\n---\nkind: Secret", "'\"\\", "🙂")


@pytest.fixture
def image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(workloads.IMAGE, "registry.example/mlops/{environment}:1")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "machines.csv"
    file.write_text("a,b\n1,2\n3,4\n")
    return file


def ordered(catalog: Catalog, name: str, called: str = "churn", **inputs: Any) -> Order:
    ports = {"api": 8000}
    one = deployment("churn-1", name=called, target="k3s", ports=ports, revision=3)
    return Order(one, settled(catalog, name, **inputs), catalog.components)


@pytest.fixture
def tabular(catalog: Catalog, table: Path) -> Order:
    return ordered(catalog, "tabular-prediction", data=str(table), target_column="b")


def every(order: Order) -> list[dict[str, Any]]:
    workload = workload_of(order)
    told = [*resources(order.deployment, workload), keys(order.deployment.id, "key")]
    return [*told, workload.documents.config_map("churn-1", labels_of("churn-1"))]


def pod(order: Order) -> dict[str, Any]:
    found = {one["kind"]: one for one in resources(order.deployment, workload_of(order))}
    template: dict[str, Any] = found["Deployment"]["spec"]["template"]
    return template


def environment(order: Order) -> dict[str, Any]:
    return {one["name"]: one for one in pod(order)["spec"]["containers"][0]["env"]}


def test_all_of_it_is_valid_on_every_release(
    tabular: Order, catalog: Catalog, tmp_path: Path
) -> None:
    vllm, chat = ordered(catalog, "vllm-serving"), ordered(catalog, "summarizer")
    for_llm = [llm_keys("churn-1", {"A_KEY": "x"}), config_map("churn-1", "litellm-1", "{}")]
    folder = tmp_path / "told"
    folder.mkdir()
    for at, one in enumerate([*every(tabular), *every(vllm), *every(chat), *for_llm]):
        (folder / f"{at}.yaml").write_text(json.dumps(one))
    assert complaints(*folder.iterdir()) == []


def test_kustomize_makes_of_it_what_fits_together(tabular: Order, tmp_path: Path) -> None:
    """As Terraform's module writes the files."""
    given = K3s().variables(tabular)
    folder = tmp_path / "kustomization"
    folder.mkdir()
    (folder / "kustomization.yaml").write_text(given["kustomization"])
    (folder / "resources.json").write_text(given["resources"])
    (folder / "pipeline.json").write_text(given["pipeline"])
    command = [str(need("kubectl")), "kustomize", str(folder)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    made = {one["kind"]: one for one in yaml.safe_load_all(text)}
    assert set(made) == {"Namespace", "NetworkPolicy", "Service", "Deployment", "ConfigMap"}
    volumes = made["Deployment"]["spec"]["template"]["spec"]["volumes"]
    graph = [v["configMap"]["name"] for v in volumes if v["name"] == "pipeline"]
    assert graph == [made["ConfigMap"]["metadata"]["name"]]
    assert made["ConfigMap"]["metadata"]["namespace"] == "churn-1"
    assert json.loads(made["ConfigMap"]["data"]["pipeline.json"])["revision"] == 3


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_write_stays_data(catalog: Catalog, tmp_path: Path, text: str) -> None:
    file = tmp_path / f"{text.replace('/', '-').replace(chr(10), ' ')}.csv"
    with file.open("w", newline="") as rows:
        csv.writer(rows).writerows([["a", text], [1, 2]])
    inputs = {"data": str(file), "target_column": text}
    order = ordered(catalog, "tabular-prediction", called=text, **inputs)
    told = resources(order.deployment, workload_of(order))
    assert [one["kind"] for one in told] == ["Namespace", "NetworkPolicy", "Service", "Deployment"]
    assert json.loads(json.dumps(told)) == told
    assert told[0]["metadata"]["annotations"]["mlops/name"] == text
    assert {one["metadata"]["name"] for one in told} == {"churn-1", "api"}
    graph = json.loads(workload_of(order).graph)
    assert graph["nodes"][1]["config"]["target"] == text
    mounts = pod(order)["spec"]["containers"][0]["volumeMounts"]
    assert graph["nodes"][0]["config"]["path"] in [one["mountPath"] for one in mounts]


def test_no_text_can_ask_kubernetes_for_a_secret(catalog: Catalog) -> None:
    """`$(KEY)` in a value or an argument is replaced there, unless its `$` is doubled."""
    order = ordered(catalog, "vllm-serving")
    (server, *others) = order.pipeline.nodes
    hostile = server.model_copy(update={"config": {**server.config, "model": "org/$(KEY)-$$x"}})
    pipeline = order.pipeline.model_copy(update={"nodes": (hostile, *others)})
    container = pod(replace(order, pipeline=pipeline))["spec"]["containers"][0]
    assert "org/$$(KEY)-$$$$x" in container["args"]
    values = [one["value"] for one in container["env"] if "value" in one]
    assert not [text for text in values if "$" in text.replace("$$", "")]


def test_the_key_is_named_and_written_nowhere(tabular: Order) -> None:
    secret = {"secretKeyRef": {"name": "keys", "key": "api-key"}}
    assert environment(tabular)["API_KEY"]["valueFrom"] == secret
    assert "Secret" not in {o["kind"] for o in resources(tabular.deployment, workload_of(tabular))}


@pytest.mark.parametrize("name", ["tabular-prediction", "vllm-serving"])
def test_a_pod_has_no_right_that_it_does_not_need(
    catalog: Catalog, tabular: Order, name: str
) -> None:
    order = tabular if name == "tabular-prediction" else ordered(catalog, name)
    spec = pod(order)["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["automountServiceAccountToken"] is False
    rights = container["securityContext"]
    assert rights["readOnlyRootFilesystem"]
    assert rights["capabilities"] == {"drop": ["ALL"]}
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)
    assert "memory" in container["resources"]["limits"]


def test_a_gpu_is_asked_for_and_never_twice(catalog: Catalog) -> None:
    order = ordered(catalog, "vllm-serving")
    (container,) = pod(order)["spec"]["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
    (running,) = [
        o for o in resources(order.deployment, workload_of(order)) if o["kind"] == "Deployment"
    ]
    assert running["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}


def test_a_new_pod_answers_before_the_old_one_goes(tabular: Order) -> None:
    told = resources(tabular.deployment, workload_of(tabular))
    (running,) = [one for one in told if one["kind"] == "Deployment"]
    assert running["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_what_selects_pods_selects_these_and_destroying_finds_all(tabular: Order) -> None:
    told = {one["kind"]: one for one in every(tabular)}
    labels = pod(tabular)["metadata"]["labels"].items()
    assert told["Service"]["spec"]["selector"].items() <= labels
    assert told["Deployment"]["spec"]["selector"]["matchLabels"].items() <= labels
    owned = labels_of("churn-1").items()
    assert all(owned <= one["metadata"]["labels"].items() for one in told.values())
    module = PROJECT / "terraform" / "modules" / "k3s" / "main.tf"
    selector = ",".join(f"{k}={v}" for k, v in labels_of("$DEPLOYMENT").items())
    assert f'--selector="{selector}"' in module.read_text("utf-8")


def test_other_data_makes_other_pods_and_the_same_data_the_same(
    tabular: Order, table: Path
) -> None:
    before, again = pod(tabular), pod(tabular)
    assert before == again
    table.write_text("a,b\n5,6\n")
    assert pod(tabular) != before


def test_what_a_config_map_cannot_hold_is_refused(tabular: Order, table: Path) -> None:
    table.write_bytes(b"x" * (MOST_BYTES + 1))
    with pytest.raises(TooLarge, match=str(MOST_BYTES)):
        workload_of(tabular)


def test_a_graph_that_no_variable_carries_is_refused(tabular: Order) -> None:
    nodes = tuple(
        node.model_copy(update={"config": {**node.config, "note": "x" * MOST_GRAPH}})
        for node in tabular.pipeline.nodes
    )
    large = tabular.pipeline.model_copy(update={"nodes": nodes})
    with pytest.raises(TooLarge, match="the pipeline has"):
        workload_of(replace(tabular, pipeline=large))


def test_the_rights_in_the_guide_are_valid_and_enough(tmp_path: Path) -> None:
    guide = (PROJECT / "docs" / "how-to" / "deploy-to-kubernetes.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml[^\n]*\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "role.yaml").write_text(text)
    assert complaints(tmp_path / "role.yaml") == []
    rules = yaml.safe_load(text)["rules"]
    given = {(v, r) for one in rules for r in one["resources"] for v in one["verbs"]}
    assert {(verb, what.partition(".")[0]) for verb, what in NEEDED} <= given


def on_a_gpu(order: Order, model: str) -> Order:
    nodes = tuple(
        n.model_copy(update={"config": {**n.config, "model": model}}) if "model" in n.config else n
        for n in order.pipeline.nodes
    )
    compute = order.pipeline.compute.model_copy(update={"gpu": Gpu(memory_gb=24, count=2)})
    pipeline = order.pipeline.model_copy(update={"nodes": nodes, "compute": compute})
    return replace(order, pipeline=pipeline)


def containers(order: Order) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in pod(order)["spec"]["containers"]}


def test_a_language_model_stands_beside_the_api_and_only_the_api_is_reached(
    catalog: Catalog,
) -> None:
    order = ordered(catalog, "summarizer")
    made = containers(order)
    assert {name: one["image"].split("/")[-1] for name, one in made.items()} == {
        "api": "serving:1",
        "litellm": "litellm:1",
        "model-server": "model-server:1",
    }
    asked = {one["name"]: one for one in made["api"]["env"]}
    assert asked["LLM_BASE_URL"]["value"] == "http://localhost:4000/v1"
    secret = {"secretKeyRef": {"name": "llm-keys", "key": "LITELLM_MASTER_KEY"}}
    assert asked["LLM_API_KEY"]["valueFrom"] == secret
    assert made["litellm"]["envFrom"] == [{"secretRef": {"name": "llm-keys"}}]
    told = {one["kind"]: one for one in resources(order.deployment, workload_of(order))}
    assert told["Service"]["spec"]["ports"] == [
        {"name": "http", "port": 8000, "targetPort": "http"}
    ]
    (way_in,) = told["NetworkPolicy"]["spec"]["ingress"]
    assert [one["port"] for one in way_in["ports"]] == [8000]


@pytest.mark.parametrize("gpu", [False, True])
def test_each_container_has_its_own_disk_probes_limits_and_no_rights(
    catalog: Catalog, gpu: bool
) -> None:
    order = ordered(catalog, "summarizer")
    order = on_a_gpu(order, "Qwen/Qwen3-8B") if gpu else order
    volumes = [one["name"] for one in pod(order)["spec"]["volumes"]]
    assert len(volumes) == len({*volumes})
    mounted = [m["name"] for one in containers(order).values() for m in one["volumeMounts"]]
    assert sorted(mounted) == sorted(volumes)
    for one in containers(order).values():
        assert one["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert one["securityContext"]["readOnlyRootFilesystem"]
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(one)
        assert "memory" in one["resources"]["limits"]


def test_on_a_gpu_vllm_serves_the_model_that_litellm_asks_for(catalog: Catalog) -> None:
    order = on_a_gpu(ordered(catalog, "summarizer"), "Qwen/Qwen3-8B")
    assert K3s().misfits(order.pipeline, catalog.components) == []
    made = containers(order)
    limits = {name: one["resources"]["limits"] for name, one in made.items()}
    assert limits["model-server"]["nvidia.com/gpu"] == "2"
    assert not {"api", "litellm"} & {n for n, one in limits.items() if "nvidia.com/gpu" in one}
    vllm = made["model-server"]
    assert vllm["image"].startswith("vllm/vllm-openai:")
    assert vllm["args"][:2] == ["--model", "Qwen/Qwen3-8B"]
    (key,) = [one for one in vllm["env"] if one["name"] == "VLLM_API_KEY"]
    assert key["valueFrom"]["secretKeyRef"] == {"name": "llm-keys", "key": "MODEL_SERVER_KEY"}
    config = json.loads(litellm_configuration(order.pipeline, catalog.components))
    (model,) = config["model_list"]
    assert model["model_name"] == "Qwen/Qwen3-8B"
    assert model["litellm_params"] == {
        "model": "hosted_vllm/Qwen/Qwen3-8B",
        "api_base": "http://localhost:8081/v1",
        "api_key": "os.environ/MODEL_SERVER_KEY",
    }


def test_what_is_asked_for_is_the_pod_s_as_a_whole(catalog: Catalog) -> None:
    order = ordered(catalog, "summarizer")
    asked = order.pipeline.compute.model_copy(update={"cpus": 3, "memory_gb": 8})
    made = containers(replace(order, pipeline=order.pipeline.model_copy(update={"compute": asked})))
    requests = [one["resources"]["requests"] for one in made.values()]
    assert sum(int(each["cpu"].removesuffix("m")) for each in requests) == 3000
    assert sum(int(each["memory"]) for each in requests) == 8 * 1024**3


def test_litellm_is_told_the_same_as_on_a_host(catalog: Catalog) -> None:
    order = ordered(catalog, "summarizer")
    here = json.loads(litellm_configuration(order.pipeline, catalog.components))
    file = PROJECT / "ansible" / "roles" / "litellm" / "vars" / "main.yml"
    there = yaml.safe_load(file.read_text("utf-8"))["litellm_configuration"]
    assert here.pop("model_list")[0]["model_name"] == "smollm2"
    there["router_settings"]["fallbacks"] = []
    assert here == {name: there[name] for name in here}


def misfits(catalog: Catalog) -> Iterator[tuple[str, list[str]]]:
    for name in ("summarizer", "vllm-serving"):
        yield name, K3s().misfits(settled(catalog, name), catalog.components)


def test_what_it_cannot_run_is_told(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dict(misfits(catalog)) == {"summarizer": [], "vllm-serving": []}
    on_gpu = on_a_gpu(ordered(catalog, "summarizer"), "smollm2").pipeline
    (told,) = K3s().misfits(on_gpu, catalog.components)
    assert "its name there (org/name); it is 'smollm2'" in told
    monkeypatch.delenv(workloads.IMAGE)
    assert workloads.IMAGE in " ".join(dict(misfits(catalog))["summarizer"])
