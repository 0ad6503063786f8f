"""The step that settles where a deployment goes, and for how much."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from windmill.scripts import apply_terraform, choose_target
from windmill.scripts.model.base.errors import InvalidInput, SpendingNotAllowed, TargetRefused
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.cost.choice import price_of
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.cost.optimizer import SPOT, Candidate, rank
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Compute, Node, Pipeline
from windmill.scripts.model.show.deployment_plan import Action, DeploymentPlan
from windmill.scripts.store.attempts import Attempts
from windmill.scripts.store.opened import open_registry
from windmill.scripts.store.registry import Registry
from windmill.scripts.targets import selection
from windmill.scripts.targets.planning.single import planned
from windmill.scripts.targets.protocol import RentedMachine
from windmill.scripts.targets.registry import TARGETS
from windmill.scripts.targets.rental.hiring import ITS_OWN, digest_of, server_of
from windmill.scripts.targets.runpod.target import Runpod

L4 = Offer(target=Target.runpod, name="L4", gpu="L4", gpus=1, hourly_usd=0.4, region="EU")
VLLM = {"image": "vllm/vllm-openai:v0.9.1", "max_model_len": 4096, "gpu_memory_utilization": 0.9}
Choose = Callable[..., dict[str, Any]]


class Renting(Runpod):
    """RunPod where the key is there and one machine is free."""

    planned = ""

    def unavailable(self) -> str:
        return ""

    def misfits(self, *_: Any) -> list[str]:
        return []

    hourly_usd = 0.4

    def offers(self, needs: Compute) -> list[Offer]:
        return [L4.model_copy(update={"hourly_usd": self.hourly_usd})]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: None) -> Registry:
    monkeypatch.setenv("MLOPS_LOCAL_ROOT", str(tmp_path / "deployments"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/registry.db")
    return open_registry()


@pytest.fixture
def market() -> Renting:
    return Renting()


@pytest.fixture
def choose(
    registry: Registry, catalog: Catalog, market: Renting, monkeypatch: pytest.MonkeyPatch
) -> Choose:
    with_runpod = {**TARGETS, Target.runpod: market}
    for module in (selection, choose_target):
        monkeypatch.setattr(module, "TARGETS", with_runpod)
    monkeypatch.setattr(choose_target, "components", lambda: catalog.components)
    monkeypatch.setattr(choose_target, "baselines", lambda: ())
    monkeypatch.setattr(choose_target, "started_by", lambda: "root")
    monkeypatch.setattr(choose_target, "given_by", lambda *_: {})

    def chosen(
        target: str,
        budget: float | None = None,
        model: str = "",
        id: str = "docs",
        name: str = "rag",
        root: str = "",
        **more: Any,
    ) -> dict[str, Any]:
        node = Node(id=id, component="documents")
        if model:
            node = Node(id=id, component="vllm-server", config={**VLLM, "model": model})
        drawing = Pipeline(name=name, nodes=(node,), compute=Compute(max_hourly_usd=budget))
        run = str(uuid.uuid4())
        found = registry.begin(drawing, run, root or run, lambda _: True)
        return choose_target.main(found.id, json.dumps(target), **more)

    return chosen


def test_what_is_chosen_costs_nothing_before_its_machine_is_asked_for(
    choose: Choose, registry: Registry
) -> None:
    told = choose("runpod", limit="1")
    (found,) = registry.list()
    assert (told["candidates"][0]["offer"]["hourly_usd"], found.charges) == (0.4, ())


def test_a_machine_of_one_s_own_is_kept_as_free(choose: Choose, registry: Registry) -> None:
    choose("local")
    (found,) = registry.list()
    assert ([each.target for each in found.charges], found.hourly_usd) == (["local"], 0)


def test_what_costs_is_refused_where_nobody_said_how_much_it_may(
    choose: Choose, registry: Registry
) -> None:
    with pytest.raises(SpendingNotAllowed, match=r"0\.40 USD an hour on runpod"):
        choose("runpod")
    (found,) = registry.list()
    assert (found.target, found.charges, found.revision) == (None, (), 0)


@pytest.mark.parametrize("limit", ["0.4", "2", "1e1"])
def test_it_may_cost_what_was_said(choose: Choose, registry: Registry, limit: str) -> None:
    choose("runpod", limit=limit)
    (found,) = registry.list()
    assert registry.pipeline(found.id).compute.max_hourly_usd == float(limit), "renting heeds it"


def test_what_is_dearer_than_was_said_is_refused(choose: Choose) -> None:
    with pytest.raises(TargetRefused, match=r"it costs 0\.40 an hour, at most 0\.39"):
        choose("runpod", limit="0.39")


@pytest.mark.parametrize("limit", ["-1", "true", '"2"', "1e999", "[]"])
def test_a_limit_that_is_none_is_told(choose: Choose, limit: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        choose("runpod", limit=limit)
    assert [each.field for each in refused.value.problems] == ["max_hourly_usd"]


def test_of_several_each_may_cost_its_share_alone_and_what_stays_where_it_is_stays(
    choose: Choose, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = {"compute": {}, "target": "runpod", "hourly_usd": 0.45}
    monkeypatch.setattr(choose_target, "given_by", lambda *_: {"shares": [share]})
    choose("runpod", limit="2")
    (found,) = registry.list()
    assert registry.pipeline(found.id).compute.max_hourly_usd == 0.45
    share["hourly_usd"] = 0.3
    with pytest.raises(TargetRefused, match=r"at most 0\.30"):
        choose("runpod", limit="2")


def test_where_nobody_knows_how_many_there_will_be_each_takes_its_best_and_no_dearer_one(
    choose: Choose, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 1.00 two are rented for 0.40 each, and nothing is left for a third."""
    monkeypatch.setattr(choose_target, "given_by", lambda *_: {"max_hourly_usd": 1.0})
    for name in ("one", "two"):
        choose("runpod", limit="1", name=name, root="root")
    assert {registry.pipeline(each.id).compute.max_hourly_usd for each in registry.list()} == {0.4}
    with pytest.raises(TargetRefused, match=r"it costs 0\.40 an hour, at most 0\.20"):
        choose("runpod", limit="1", name="three", root="root")


def test_what_it_may_cost_beyond_its_best_is_what_nobody_has_taken(
    choose: Choose, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose_target, "given_by", lambda *_: {"max_hourly_usd": 1.0})
    told = [choose("runpod", limit="0.9", name=name, root="root") for name in ("one", "two")]
    assert [(each["up_to_usd"], each["whole_usd"]) for each in told] == [(0.9, 1.0), (0.6, 1.0)]
    monkeypatch.setattr(choose_target, "given_by", lambda *_: {})
    alone = choose("runpod", limit="1", name="alone")
    assert (alone["up_to_usd"], alone["whole_usd"]) == (None, None), "its own limit holds already"


def test_more_than_the_best_costs_is_looked_for_and_taken_when_a_machine_is_rented(
    choose: Choose, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose_target, "given_by", lambda *_: {"max_hourly_usd": 1.0})
    told = choose("runpod", limit="0.9")
    (found,) = registry.list()
    more = {name: told[name] for name in ("up_to_usd", "whole_usd")}
    seen: list[Any] = []

    def hired(*given: Any) -> RentedMachine:
        _, _, pipeline, offers, _, _, may_cost = given
        seen.extend([pipeline.compute.max_hourly_usd, [*offers], may_cost(0.8)])
        return RentedMachine("pod", "", 0.8)

    def looked(_: str, pipeline: Pipeline, *__: Any) -> list[Candidate]:
        seen.append(pipeline.compute.max_hourly_usd)
        return []

    for name, double in {
        "hired": hired,
        "candidates": looked,
        "key_of": str,
        "components": dict,
        "baselines": list,
    }.items():
        monkeypatch.setattr(apply_terraform, name, double)
    monkeypatch.setattr(apply_terraform, "root_of", lambda order: order.machine)
    apply_terraform._on_a_rented_machine(registry, found, json.dumps(more))
    assert seen == [0.9, 0.4, [], True]
    assert registry.pipeline(found.id).compute.max_hourly_usd == 0.8


def test_who_asks_for_an_approval_says_yes_to_the_price_and_to_no_dearer_one(
    choose: Choose, registry: Registry
) -> None:
    told = choose("runpod", approve="true")
    (found,) = registry.list()
    assert [each["offer"]["hourly_usd"] for each in told["candidates"]] == [0.4]
    assert registry.pipeline(found.id).compute.max_hourly_usd == 0.4


def test_an_approval_changes_no_limit_and_limits_nothing_that_is_free(
    choose: Choose, registry: Registry
) -> None:
    choose("runpod", limit="0.7", approve="true")
    (found,) = registry.list()
    assert registry.pipeline(found.id).compute.max_hourly_usd == 0.7
    registry.finish(found.id, State.destroyed)
    choose("auto", approve="true")
    (found,) = registry.list()
    assert (found.target, registry.pipeline(found.id).compute.max_hourly_usd) == ("local", None)


def test_automatic_takes_what_is_free_where_nothing_may_be_spent(
    choose: Choose, registry: Registry
) -> None:
    choose("auto")
    assert [each.target for each in registry.list()] == ["local"]


def test_the_budget_of_the_entry_is_a_permission_that_nobody_can_raise(choose: Choose) -> None:
    choose("runpod", budget=0.5)
    with pytest.raises(TargetRefused, match=r"at most 0\.30"):
        choose("runpod", budget=0.3, limit="9")


def test_what_runs_goes_on_with_what_it_was_allowed(choose: Choose, registry: Registry) -> None:
    choose("runpod", limit="0.5")
    (found,) = registry.list()
    registry.finish(found.id, State.live)
    choose("runpod")
    again = registry.require(found.id)
    assert (again.revision, registry.pipeline(found.id).compute.max_hourly_usd) == (1, 0.5)


@pytest.fixture
def on_a_machine(choose: Choose, registry: Registry, market: Renting) -> Deployment:
    """Live for 0.40 USD an hour; then the market's price rose."""
    choose("runpod", limit="0.5", model="qwen")
    (found,) = registry.list()
    pipeline = registry.pipeline(found.id)
    digest = digest_of(server_of(pipeline, ""), pipeline.compute)
    books = Attempts(registry.engine, registry.clock)
    told = L4.model_copy(update={"hourly_usd": 0.39}).model_dump_json(exclude_defaults=True)
    made = books.intend(found.id, "RunPod", told, digest, lambda n: f"rag.{n}", price_of(L4))
    books.rented(made.name, "pod-1", 0.4)
    registry.publish(found.id, {}, "pod-1")
    market.hourly_usd = 0.9
    return registry.finish(found.id, State.live)


@pytest.mark.parametrize("asked", ["runpod", "auto"])
@pytest.mark.parametrize("id", ["docs", "another-name"])
def test_what_needs_no_other_machine_keeps_its_own_for_its_price_though_the_market_s_rose(
    choose: Choose, on_a_machine: Deployment, asked: str, id: str
) -> None:
    told = choose(asked, model="qwen", id=id)
    assert (told["target"], told["revision"]) == ("runpod", 1 if id == "docs" else 2)
    first = told["candidates"][0]
    assert (first["offer"]["hourly_usd"], first["reason"]) == (0.4, ITS_OWN)


def test_a_change_that_needs_another_machine_is_kept_to_the_cap(
    choose: Choose, on_a_machine: Deployment
) -> None:
    with pytest.raises(TargetRefused, match=r"it costs 0\.90 an hour, at most 0\.50"):
        choose("runpod", model="mistral")
    choose("runpod", model="mistral", limit="0.9")


def test_its_own_machine_is_not_kept_for_more_than_it_may_cost_from_now_on(
    choose: Choose, on_a_machine: Deployment
) -> None:
    with pytest.raises(TargetRefused, match=r"at most 0\.30"):
        choose("runpod", model="qwen", limit="0.3")


def test_the_plan_says_that_its_own_machine_stays_and_for_how_much(
    on_a_machine: Deployment, registry: Registry, catalog: Catalog
) -> None:
    told = planned(registry.pipeline(on_a_machine.id), catalog.components, registry, "runpod")
    assert (told.action, told.hourly_usd, told.max_hourly_usd) == (Action.nothing, 0.4, 0.5)
    assert told.candidates[0].reason == ITS_OWN
    assert [each.reason for each in told.refused] == ["it costs 0.90 an hour, at most 0.50"]
    assert DeploymentPlan.model_validate_json(told.model_dump_json()) == told


def test_another_permission_is_no_other_revision(choose: Choose, registry: Registry) -> None:
    choose("runpod", limit="0.5")
    choose("runpod", limit="0.6")
    assert [each.revision for each in registry.list()] == [1]


def test_who_asks_for_spot_machines_is_told_who_has_none_and_what_may_happen() -> None:
    bid = Offer(target=Target.vastai, name="bid", hourly_usd=0.1, spot=True)
    market = {Target.vastai: [bid], Target.runpod: [L4], Target.exoscale: [], Target.local: []}
    needs, fitting = Compute(spot=True), [*market]
    found = [offer for each in market.values() for offer in each]
    told = {each.target for each in selection._without_spot(needs, fitting, found)}
    assert told == {Target.runpod, Target.exoscale}
    assert not [*selection._without_spot(Compute(), fitting, found)]
    ranking = rank(found, selection._wanted(needs))
    assert [each.offer.name for each in ranking.candidates if SPOT in each.reason] == ["bid"]
    assert [each.offer for each in rank(found, selection._wanted(Compute())).candidates] == [L4]
