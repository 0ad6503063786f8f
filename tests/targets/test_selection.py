"""Where a deployment may go, and what a worker that is not ours refuses."""

from pathlib import Path

import pytest

from windmill.scripts.choose_target import offers, require_offered
from windmill.scripts.model.base.errors import InvalidInput, StateNotShared, TargetRefused
from windmill.scripts.model.catalog.catalog import Catalog, read_catalog
from windmill.scripts.model.drawing.deployment import Target
from windmill.scripts.model.drawing.pipeline import Compute, Gpu
from windmill.scripts.provision.resolution import resolve_pipeline
from windmill.scripts.store.opened import open_registry


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLOPS_LOCAL_ROOT", str(tmp_path))


@pytest.fixture
def on_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLOPS_LOCAL_ROOT", raising=False)


@pytest.mark.usefixtures("embedded")
@pytest.mark.parametrize("asked", ["local", "auto"])
def test_this_machine_costs_nothing_and_says_why_it_was_chosen(asked: str) -> None:
    (offer,) = offers(asked)
    assert (offer.target, offer.hourly_usd) == (Target.local, 0.0)
    assert offer.reason


@pytest.mark.usefixtures("embedded")
@pytest.mark.parametrize("asked", sorted(set(Target) - {Target.local, Target.auto}))
def test_a_target_that_is_not_built_yet_is_refused_in_words(asked: str) -> None:
    with pytest.raises(TargetRefused, match=asked):
        offers(asked)


@pytest.mark.usefixtures("on_a_cluster")
def test_local_is_refused_where_the_worker_is_anybody_s_host() -> None:
    with pytest.raises(TargetRefused, match="use `ssh` or `k3s`"):
        offers("local")


@pytest.mark.usefixtures("on_a_cluster")
@pytest.mark.parametrize("url", ["", "sqlite:////tmp/registry.db"])
def test_a_registry_of_one_s_own_is_refused_on_a_cluster(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(StateNotShared):
        open_registry()


NEEDS_GPU = {"vllm-serving": "vllm", "ollama-serving": "ollama", "lora-finetuning": "llamafactory"}
INPUTS = {"lora-finetuning": {"dataset": "org/data"}}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog(Path(__file__).parents[2] / "catalog")[0]


@pytest.mark.parametrize(("name", "service"), NEEDS_GPU.items())
def test_local_is_refused_for_what_it_does_not_run_before_anything_is_registered(
    name: str, service: str, catalog: Catalog
) -> None:
    entry = catalog.entries[f"pipelines/{name}"]
    drawn = entry.pipeline.model_dump(mode="json")
    with pytest.raises(InvalidInput) as refused:
        resolve_pipeline(drawn, catalog.components, INPUTS.get(name, {}), entry.inputs, "local")
    problem = refused.value.problems[0]
    assert (problem.code, problem.field) == ("E-CAT-018", "target")
    assert f"does not run {service}, which node 'model'" in problem.message
    assert "runpod" in problem.fix


@pytest.mark.parametrize("name", NEEDS_GPU)
def test_what_local_does_not_run_is_refused_too_where_the_target_was_asked_or_automatic(
    name: str, catalog: Catalog
) -> None:
    entry = catalog.entries[f"pipelines/{name}"]
    with pytest.raises(TargetRefused, match=r"which node 'model'.*runpod"):
        require_offered(entry.pipeline, catalog.components)


@pytest.mark.parametrize("tool", [None, "/usr/bin/nvidia-smi"])
def test_a_gpu_is_there_or_local_is_refused(
    tool: str | None, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: tool)
    drawn = catalog.entries["pipelines/summarizer"].pipeline
    needing = drawn.model_copy(update={"compute": Compute(gpu=Gpu(memory_gb=24))})
    require_offered(drawn, catalog.components)
    if tool:
        require_offered(needing, catalog.components)
    else:
        with pytest.raises(TargetRefused, match="no NVIDIA GPU; 1 with 24 GB"):
            require_offered(needing, catalog.components)
