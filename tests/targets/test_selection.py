"""Where a deployment may go, and what a worker that is not ours refuses."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.targets.support import settled
from windmill.scripts.model.base.errors import InvalidInput, StateNotShared, TargetRefused
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.drawing.component import Component
from windmill.scripts.model.drawing.pipeline import Compute, Gpu, Pipeline
from windmill.scripts.store.opened import open_registry
from windmill.scripts.targets import selection
from windmill.scripts.targets.k3s.errors import NoKubectl
from windmill.scripts.targets.k3s.target import K3s
from windmill.scripts.targets.local.standalone import state_folder
from windmill.scripts.targets.planned import PlannedTarget
from windmill.scripts.targets.registry import TARGETS
from windmill.scripts.targets.resolution import resolve_pipeline
from windmill.scripts.targets.runpod.target import Runpod
from windmill.scripts.targets.selection import candidates, choose

ANYWHERE = "summarizer"
NEEDS_GPU = {"vllm-serving": "vllm", "ollama-serving": "ollama", "lora-finetuning": "llamafactory"}
INPUTS: dict[str, dict[str, Any]] = {"lora-finetuning": {"dataset": "org/data"}}


@pytest.fixture(autouse=True)
def without_kubectl(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has."""
    monkeypatch.setattr(K3s, "unavailable", lambda self: NoKubectl().message)


def drawn(catalog: Catalog, name: str) -> Pipeline:
    return settled(catalog, name, **INPUTS.get(name, {}))


@pytest.mark.usefixtures("embedded")
@pytest.mark.parametrize("asked", ["local", "auto"])
def test_this_machine_costs_nothing_and_says_why_it_was_chosen(
    asked: str, catalog: Catalog
) -> None:
    (candidate,) = candidates(asked, drawn(catalog, ANYWHERE), catalog.components)
    assert (candidate.offer.target, candidate.offer.hourly_usd) == (Target.local, 0.0)
    assert candidate.reason


@pytest.mark.usefixtures("embedded")
def test_a_target_that_is_not_built_yet_is_refused_in_words(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = type("Begun", (PlannedTarget,), {"name": "exoscale", "planned": "It will be one."})()
    monkeypatch.setitem(TARGETS, Target.exoscale, begun)
    says = "Target 'exoscale' cannot be used here: this version provisions `local`, `k3s`, `ssh`"
    with pytest.raises(TargetRefused, match=says):
        candidates("exoscale", drawn(catalog, ANYWHERE), catalog.components)


@pytest.mark.usefixtures("embedded")
def test_a_target_that_does_not_exist_is_refused_with_the_nearest(catalog: Catalog) -> None:
    with pytest.raises(TargetRefused, match=r"none of this name(.|\n)*runpod"):
        candidates("runpd", drawn(catalog, ANYWHERE), catalog.components)


@pytest.mark.usefixtures("on_a_cluster")
@pytest.mark.parametrize("asked", ["local", "auto"])
def test_local_is_refused_where_the_worker_is_anybody_s_host(asked: str, catalog: Catalog) -> None:
    with pytest.raises(TargetRefused, match="the one worker that an operator made its machine"):
        candidates(asked, drawn(catalog, ANYWHERE), catalog.components)


@pytest.mark.usefixtures("on_a_cluster")
def test_a_playbook_does_not_run_on_anybody_s_host() -> None:
    with pytest.raises(TargetRefused, match="mlops up"):
        state_folder("terraform", "network")


@pytest.mark.usefixtures("on_a_cluster")
@pytest.mark.parametrize("url", ["", "sqlite:////tmp/registry.db"])
def test_a_registry_of_one_s_own_is_refused_on_a_cluster(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(StateNotShared):
        open_registry()


@pytest.mark.usefixtures("embedded")
@pytest.mark.parametrize(("name", "service"), NEEDS_GPU.items())
def test_local_is_refused_for_what_it_does_not_run_before_anything_is_registered(
    name: str, service: str, catalog: Catalog
) -> None:
    with pytest.raises(InvalidInput) as refused:
        settled(catalog, name, "local", **INPUTS.get(name, {}))
    problem = refused.value.problems[0]
    assert (problem.code, problem.field) == ("E-CAT-018", "target")
    assert f"does not run {service}, which node 'model'" in problem.message
    assert problem.fix


@pytest.mark.usefixtures("embedded")
@pytest.mark.parametrize("asked", ["local", "auto"])
@pytest.mark.parametrize("name", NEEDS_GPU)
def test_what_local_does_not_run_is_refused_too_where_the_target_was_asked_or_automatic(
    name: str, asked: str, catalog: Catalog
) -> None:
    with pytest.raises(TargetRefused, match=r"which node 'model'"):
        candidates(asked, drawn(catalog, name), catalog.components)


@pytest.mark.usefixtures("embedded")
@pytest.mark.parametrize("tool", [None, "/usr/bin/nvidia-smi"])
def test_a_gpu_is_there_or_local_is_refused(
    tool: str | None, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: tool)
    pipeline = drawn(catalog, ANYWHERE)
    needing = pipeline.model_copy(update={"compute": Compute(gpu=Gpu(memory_gb=24))})
    assert candidates("local", pipeline, catalog.components)
    if tool:
        assert candidates("local", needing, catalog.components)
    else:
        with pytest.raises(TargetRefused, match="no NVIDIA GPU; 1 with 24 GB"):
            candidates("local", needing, catalog.components)


# The advice of a refusal, and whether the next step keeps it.


class Built(Runpod):
    """RunPod with a key."""

    def unavailable(self) -> str:
        return ""

    def offers(self, needs: Compute) -> list[Offer]:
        return [Offer(target=Target.runpod, name="L4", hourly_usd=0.4)]


@pytest.fixture(params=["as it is", "with RunPod"])
def built(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "with RunPod":
        monkeypatch.setattr(selection, "TARGETS", {**TARGETS, Target.runpod: Built()})
    return str(request.param)


def refused(
    catalog: Catalog, components: Mapping[str, Component]
) -> Iterator[tuple[Pipeline, TargetRefused]]:
    for name in (ANYWHERE, *NEEDS_GPU):
        for asked in (target.value for target in Target):
            pipeline = drawn(catalog, name)
            try:
                candidates(asked, pipeline, components)
            except TargetRefused as error:
                yield pipeline, error


@pytest.mark.usefixtures("embedded", "built")
def test_every_target_that_a_refusal_advises_is_taken_by_the_next_step(catalog: Catalog) -> None:
    errors = list(refused(catalog, catalog.components))
    assert errors
    for pipeline, error in errors:
        chosen = error.fix if error.fix.startswith("Choose") else ""  # the others lack a key
        for name in set(re.findall(r"\w+", chosen)) & set(TARGETS):
            assert candidates(name, pipeline, catalog.components)


@pytest.mark.usefixtures("embedded")
def test_a_refusal_advises_whatever_can_run_the_pipeline(catalog: Catalog, built: str) -> None:
    with pytest.raises(TargetRefused) as anywhere:
        candidates("exoscale", drawn(catalog, ANYWHERE), catalog.components)
    assert anywhere.value.fix == "Choose local or ssh; nothing was created."
    with pytest.raises(TargetRefused) as gpu:
        candidates("local", drawn(catalog, "vllm-serving"), catalog.components)
    told = {
        "as it is": "mlops provider-key runpod",
        "with RunPod": "Choose runpod",
    }
    assert told[built] in gpu.value.fix


@pytest.mark.usefixtures("embedded")
def test_auto_takes_the_cheapest_that_fits(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "TARGETS", {**TARGETS, Target.runpod: Built()})
    for name, target in {ANYWHERE: Target.local, "vllm-serving": Target.runpod}.items():
        best = candidates("auto", drawn(catalog, name), catalog.components)[0]
        assert best.offer.target == target


def test_a_target_that_does_not_exist_is_a_problem_of_the_drawing(catalog: Catalog) -> None:
    entry = catalog.entries[f"pipelines/{ANYWHERE}"]
    with pytest.raises(InvalidInput, match="target 'moon' does not exist"):
        resolve_pipeline(
            entry.pipeline.model_dump(mode="json"), catalog.components, {}, entry.inputs, "moon"
        )


class Dear(Built):
    def offers(self, needs: Compute) -> list[Offer]:
        fits = Offer(target=Target.runpod, name="L4", hourly_usd=0.4, gpu="L4", gpus=1)
        small = {"name": "T4", "unfit": "16 GB of GPU memory, 24 are needed"}
        return [
            fits.model_copy(update={"name": "H100", "hourly_usd": 9.0}),
            fits.model_copy(update={"name": "spot", "spot": True}),
            fits.model_copy(update=small),
            fits,
        ]


def capped(pipeline: Pipeline, usd: float | None) -> Pipeline:
    compute = pipeline.compute.model_copy(update={"max_hourly_usd": usd})
    return pipeline.model_copy(update={"compute": compute})


@pytest.mark.usefixtures("embedded")
def test_what_is_not_taken_says_why_beside_what_is(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "TARGETS", {**TARGETS, Target.runpod: Dear()})
    choice = choose("auto", capped(drawn(catalog, "vllm-serving"), 3), catalog.components)
    assert [each.offer.name for each in choice.candidates] == ["L4"]
    reasons = {each.name or each.target.value: each.reason for each in choice.refused}
    assert reasons["H100"] == "it costs 9.00 an hour, at most 3.00"
    assert "spot" in reasons["spot"]
    assert reasons["T4"] == "16 GB of GPU memory, 24 are needed"
    assert reasons["ssh"] == "it must be told its host"
    assert reasons["k3s"] == "it must be told its kubeconfig"
    assert "local" in reasons


@pytest.mark.usefixtures("embedded")
def test_the_same_offers_are_ordered_alike_however_they_come(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = capped(drawn(catalog, "vllm-serving"), None)
    orders = []
    for turn in (1, -1):
        turned = type("Turned", (Dear,), {"offers": lambda _, n, t=turn: Dear().offers(n)[::t]})
        monkeypatch.setattr(selection, "TARGETS", {**TARGETS, Target.runpod: turned()})
        orders.append(choose("runpod", pipeline, catalog.components))
    assert orders[0] == orders[1]
    assert [each.offer.name for each in orders[0].candidates] == ["L4", "H100"]
