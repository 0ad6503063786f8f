"""Several copies of a server at one address: where not, and what keeps their number."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.targets.rental.desk import SERVER
from tests.targets.support import deployment, settled
from windmill.scripts.model.base.errors import InvalidInput, TargetRefused
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.drawing.deployment import State, revision_digest
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.model.drawing.place import HostPlace
from windmill.scripts.model.drawing.replicas import cannot_be_several, with_replicas
from windmill.scripts.model.show.deployment_plan import changes
from windmill.scripts.store.registry import Registry
from windmill.scripts.targets.k3s import images as workloads
from windmill.scripts.targets.k3s.manifests import resources
from windmill.scripts.targets.k3s.workload import workload_of
from windmill.scripts.targets.protocol import Order
from windmill.scripts.targets.registry import TARGETS
from windmill.scripts.targets.rental.hiring import digest_of
from windmill.scripts.targets.resolution import resolve_pipeline
from windmill.scripts.targets.selection import require_one_in_docker
from windmill.scripts.worker.replicas import as_many_as_live

CASES: list[dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "data/replicas.yaml").read_text("utf-8")
)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(f"sqlite:///{tmp_path}/registry.db")


@pytest.fixture
def table(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "machines.csv").write_text("a,b\n1,2\n3,4\n")
    return {"data": str(tmp_path / "machines.csv"), "target_column": "b"}


def drawn(catalog: Catalog, entry: str) -> Pipeline:
    return catalog.entries[f"pipelines/{entry}"].pipeline


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['target']} {case['entry']}")
def test_what_cannot_be_several_is_told_in_words(catalog: Catalog, case: dict[str, str]) -> None:
    alone = TARGETS[Target(case["target"])].alone
    one = drawn(catalog, case["entry"])
    assert not list(cannot_be_several(one, catalog.components, alone))
    told = list(cannot_be_several(with_replicas(one, 3), catalog.components, alone))
    assert all(words.startswith("3 replicas are wanted, but ") for words in told)
    if "says" in case:
        assert any(case["says"] in words for words in told)
    else:
        assert told == []


def test_a_deploy_that_cannot_be_several_is_refused_before_anything_is_registered(
    catalog: Catalog, table: dict[str, str]
) -> None:
    entry = catalog.entries["pipelines/tabular-prediction"]
    assert entry.pipeline
    several = with_replicas(entry.pipeline, 2).model_dump(mode="json")
    with pytest.raises(InvalidInput, match="2 replicas are wanted, but a rented machine is one"):
        resolve_pipeline(several, catalog.components, table, entry.inputs, "runpod")


def test_a_host_s_docker_runs_one_container_and_says_so(catalog: Catalog) -> None:
    place = HostPlace(host="h", user="ann", docker=True)
    one = drawn(catalog, "tabular-prediction")
    with pytest.raises(TargetRefused, match="2 replicas are wanted, but in Docker it runs one"):
        require_one_in_docker(with_replicas(one, 2), place)
    require_one_in_docker(one, place)
    require_one_in_docker(with_replicas(one, 2), place.model_copy(update={"docker": False}))
    require_one_in_docker(with_replicas(one, 2), None)


@pytest.mark.parametrize("count", [0, 33, 1.5])
def test_a_number_that_is_none_is_refused(catalog: Catalog, count: Any) -> None:
    entry = catalog.entries["pipelines/vllm-serving"]
    assert entry.pipeline
    told = entry.pipeline.model_dump(mode="json")
    told["compute"]["replicas"] = count
    with pytest.raises(InvalidInput, match="replicas"):
        resolve_pipeline(told, catalog.components, {}, entry.inputs, None)


def test_another_number_is_another_revision_and_one_is_what_it_was_without(
    catalog: Catalog,
) -> None:
    drawing = drawn(catalog, "vllm-serving")
    one, three = with_replicas(drawing, 1), with_replicas(drawing, 3)
    assert revision_digest(one, Target.k3s) == revision_digest(drawing, Target.k3s)
    assert revision_digest(three, Target.k3s) != revision_digest(drawing, Target.k3s)
    assert changes(drawing, one) == []
    (change,) = changes(drawing, three)
    assert (change.what, change.settings) == ("compute", ("replicas",))


@pytest.mark.parametrize("said", [{"spot": True}, {"regions": ("EU",)}])
def test_what_is_not_said_of_a_machine_is_not_written_and_what_is_said_orders_another(
    catalog: Catalog, said: dict[str, Any]
) -> None:
    """Digests of what was deployed before there were these words still hold."""
    drawing, (empty,) = drawn(catalog, "vllm-serving"), said
    other = drawing.model_copy(update={"compute": drawing.compute.model_copy(update=said)})
    assert empty not in drawing.compute.model_dump(mode="json")
    assert empty not in drawing.compute.model_dump(exclude={"max_hourly_usd"})
    assert revision_digest(other, Target.runpod) != revision_digest(drawing, Target.runpod)
    assert digest_of(SERVER, other.compute) != digest_of(SERVER, drawing.compute)
    (change,) = changes(drawing, other)
    assert (change.what, change.settings) == ("compute", (empty,))


def deployed(registry: Registry, pipeline: Pipeline, run: str, state: State = State.live) -> str:
    found = registry.begin(pipeline, run, run, lambda _: True)
    registry.assign_target(found.id, Target.k3s, {"api": 8000})
    registry.finish(found.id, state)
    return found.id


def test_later_deploys_keep_the_number_until_one_says_another(
    catalog: Catalog, registry: Registry
) -> None:
    drawing = drawn(catalog, "vllm-serving")
    assert as_many_as_live(drawing, registry) == drawing
    id = deployed(registry, drawing, "first")
    deployed(registry, with_replicas(drawing, 3), "scaled")
    assert as_many_as_live(drawing, registry).compute.replicas == 3
    assert as_many_as_live(with_replicas(drawing, 2), registry).compute.replicas == 2
    deployed(registry, with_replicas(drawing, 1), "back")
    assert registry.require(id).revision == 1
    assert (as_many_as_live(drawing, registry).compute.replicas or 1) == 1


def test_a_failed_scaling_and_a_destroyed_deployment_leave_no_number(
    catalog: Catalog, registry: Registry
) -> None:
    drawing = drawn(catalog, "vllm-serving")
    deployed(registry, drawing, "first")
    deployed(registry, with_replicas(drawing, 5), "too many", State.degraded)
    assert as_many_as_live(drawing, registry).compute.replicas is None
    id = deployed(registry, with_replicas(drawing, 3), "scaled")
    registry.begin_destroy(id, "gone", "gone", lambda _: True)
    registry.finish(id, State.destroyed)
    assert as_many_as_live(drawing, registry) == drawing


def test_on_kubernetes_it_is_the_number_of_pods(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(workloads.IMAGE, "registry.example/mlops/{environment}:1")
    one = deployment("llm-1", target="k3s", ports={"api": 8000})
    for drawing, count in (
        (settled(catalog, "vllm-serving"), 1),
        (with_replicas(settled(catalog, "vllm-serving"), 3), 3),
    ):
        workload = workload_of(Order(one, drawing, catalog.components))
        (pods,) = [each for each in resources(one, workload) if each["kind"] == "Deployment"]
        assert pods["spec"]["replicas"] == count


def test_several_are_replaced_one_at_a_time_and_need_no_room_beside_them(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, table: dict[str, str]
) -> None:
    monkeypatch.setenv(workloads.IMAGE, "registry.example/mlops/{environment}:1")
    one = deployment("churn-1", target="k3s", ports={"api": 8000})
    drawing = settled(catalog, "tabular-prediction", **table)
    for count, rolls in ((1, (1, 0)), (2, (0, 1))):
        workload = workload_of(Order(one, with_replicas(drawing, count), catalog.components))
        (pods,) = [each for each in resources(one, workload) if each["kind"] == "Deployment"]
        how = pods["spec"]["strategy"]["rollingUpdate"]
        assert (how["maxSurge"], how["maxUnavailable"]) == rolls
