"""What deploying an entry of steps would do: every pipeline below it, and all of them together."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import wmill
import yaml

from tests.targets.support import PROJECT, settled
from tests.targets.test_choosing import Renting
from windmill.scripts import plan_deployment, request_approval
from windmill.scripts.model.base.errors import MissingAsset
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog, read_entry
from windmill.scripts.model.cost.budget import Check
from windmill.scripts.model.cost.choice import price_of
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.drawing.deployment import State
from windmill.scripts.model.drawing.pipeline import Compute
from windmill.scripts.model.entry.entry import Budget
from windmill.scripts.model.show.plan_words import words
from windmill.scripts.model.show.whole_plan import WholePlan
from windmill.scripts.store.attempts import Attempts
from windmill.scripts.store.opened import open_registry
from windmill.scripts.store.registry import Registry
from windmill.scripts.targets import selection
from windmill.scripts.targets.planning import here, offers, whole
from windmill.scripts.targets.planning.held import with_what_is_held, within
from windmill.scripts.targets.registry import TARGETS
from windmill.scripts.targets.rental.hiring import digest_of, server_of

TABLE = yaml.safe_load(Path(__file__).with_name("whole_plans.yaml").read_text())
FOLDER = PROJECT / "terraform" / "modules"
MODULES = {str(each.relative_to(FOLDER)): each.read_text() for each in FOLDER.rglob("*.tf")}
Plan = Callable[..., dict[str, Any]]
Doc = dict[str, Any]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: None) -> Registry:
    monkeypatch.setenv("MLOPS_LOCAL_ROOT", str(tmp_path / "deployments"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/registry.db")
    return open_registry()


@pytest.fixture
def plan(registry: Registry, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Plan:
    known = catalog
    for document in TABLE["entries"]:
        known = known.with_entry(*read_entry(yaml.safe_dump(document), "x.yaml"))
    sent = {
        key: entry.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for key, entry in known.entries.items()
    }
    monkeypatch.setattr(here, "components", lambda: catalog.components)
    monkeypatch.setattr(here, "baselines", lambda: ())
    monkeypatch.setattr(here, "asset", lambda name: {"entries": sent, "terraform": MODULES}[name])
    for module in (selection, offers):
        monkeypatch.setattr(module, "TARGETS", {**TARGETS, Target.runpod: Renting()})

    def ask(entry: str, /, **args: Any) -> Doc:
        request = {"entry": f"meta-pipelines/{entry}", "target": "runpod", **args}
        return plan_deployment.main(json.dumps(request))

    return ask


def told(step: Doc) -> str:
    several = "~" if step["several"] else ""
    return f"{step['path']} {step['runs']} {step['hourly_usd']}{several}"


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda c: f"{c['entry']} {c.get('with', '')}")
def test_it_tells_every_pipeline_and_what_they_cost_together(plan: Plan, case: Doc) -> None:
    found = plan(case["entry"], **case.get("with", {}))
    assert [told(step) for step in found["steps"]] == case["steps"]
    assert (found["action"], found["hourly_usd"]) == (case["action"], case["hourly"])
    assert (found["at_least"], found["max_hourly_usd"]) == (
        case.get("least", False),
        case.get("most"),
    )
    names = [step["plan"]["name"] for step in found["steps"] if step["plan"]]
    assert names == case.get("names", [])
    assert any(case.get("says", "") in reason for reason in found["refused"] or [""])
    assert case.get("fix", "") in found["fix"]
    assert sorted(name for step in found["steps"] for name in step["unknown"]) == case.get(
        "unknown", []
    )


def deployed(registry: Registry, catalog: Catalog, name: str, part_of: str, **inputs: Any) -> None:
    drawing = settled(catalog, "summarizer", "local", **inputs)
    drawing = drawing.model_copy(update={"name": name})
    found = registry.begin(drawing, name, name, lambda _: True, part_of)
    registry.assign_target(found.id, Target.local, {"api": 9000})
    registry.finish(found.id, State.live)


def test_what_lives_is_told_with_what_becomes_of_it(
    plan: Plan, registry: Registry, catalog: Catalog
) -> None:
    deployed(registry, catalog, "chosen-own", "chosen")
    deployed(registry, catalog, "chosen-old", "chosen")
    deployed(registry, catalog, "other", "another")
    found = plan("chosen")
    assert (found["action"], found["stays"]) == ("nothing", ["chosen-old"])
    assert found["steps"][1]["plan"]["live"]["state"] == "live"


def test_what_an_earlier_step_tells_is_no_change_that_anybody_could_name(
    plan: Plan, registry: Registry, catalog: Catalog
) -> None:
    deployed(registry, catalog, "fed-own", "fed", sentences=7)
    found = plan("fed")
    assert (found["action"], found["steps"][1]["plan"]["changes"]) == ("update", [])


def test_wrong_inputs_refuse_their_step_and_no_other(plan: Plan) -> None:
    found = plan("each", models=["a/b", 7])
    right, wrong = found["steps"]
    assert (found["action"], right["refused"], wrong["plan"]) == ("refused", "", None)
    assert "model" in wrong["refused"]


def test_an_approval_is_told(plan: Plan) -> None:
    assert plan("asked")["steps"][0]["approval"]


def test_a_long_list_is_cut_short_and_it_is_said_so(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "MOST_STEPS", 2)
    found = plan("each", models=["a/b"] * 5)
    assert (len(found["steps"]), found["left_off"], found["at_least"]) == (2, 3, True)


def test_each_target_is_asked_once_for_the_same_machine(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Compute] = []

    def offer(renting: Renting, needs: Compute) -> list[Offer]:
        asked.append(needs)
        return [Offer(target=Target.runpod, name="L4", gpu="L4", gpus=1, hourly_usd=0.4)]

    monkeypatch.setattr(Renting, "offers", offer)
    plan("each", models=["a/b", "c/d", "e/f"])
    assert len(asked) == 1


APPROVED = {"entry": "meta-pipelines/two", "calls": [{"target": "runpod", "name": "mine"}]}
LINES = [
    "mine: would be created; 0.80 USD an hour, no budget",
    "+ one: mine-one on runpod L4; 0.40 USD an hour",
    "+ more/two: mine-more-two on runpod L4; 0.40 USD an hour",
]


@pytest.fixture
def delivered(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What n8n was given to tell people."""
    told: list[str] = []
    urls = {"approvalPage": "https://windmill.example/approve"}
    monkeypatch.setattr(wmill, "get_resume_urls", lambda: urls)

    def deliver(subject: str, text: str) -> bool:
        told.append(text)
        return True

    monkeypatch.setattr(request_approval, "deliver", deliver)
    monkeypatch.setattr(request_approval, "ask", lambda *_: False)
    monkeypatch.setattr(request_approval, "this_job", lambda: "question")
    monkeypatch.setattr(request_approval, "started_by", lambda: "job")
    monkeypatch.setattr(request_approval, "only_with", lambda _: None)
    return told


@pytest.mark.slow  # Terraform plans it
def test_who_is_asked_is_shown_the_plan_everywhere(delivered: list[str]) -> None:
    found = request_approval.main("Go on?", "house/llm", json.dumps(APPROVED))
    plain = [line for line in found["plan"] if not line.startswith("  terraform: ")]
    assert plain == LINES
    assert found["description"].splitlines() == ["Go on?", *found["plan"]]
    assert delivered == [f"{found['description']}\nhttps://windmill.example/approve"]


def test_where_n8n_takes_the_answer_it_is_told_which_question_of_which_run(
    delivered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str | int, ...]] = []

    def ask(*given: str | int) -> bool:
        asked.append(given)
        return True

    monkeypatch.setattr(request_approval, "ask", ask)
    assert request_approval.main("Go on?", "house/tell", seconds=60)["told"]
    assert asked == [("house/tell: Go on?", "Go on?", "job", "question", 60)]
    assert delivered == []


def test_who_is_asked_is_told_that_there_is_no_plan(
    delivered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Doc:
        raise MissingAsset(path=name)

    monkeypatch.setattr(here, "asset", missing)
    (line,) = request_approval.main("Go on?", "house/llm", json.dumps(APPROVED))["plan"]
    assert line.startswith("what it would do cannot be told: ")


def test_a_step_that_deploys_nothing_is_asked_for_as_it_is(delivered: list[str]) -> None:
    found = request_approval.main("Go on?", "house/tell")
    assert (found["plan"], found["description"]) == ([], "Go on?")


def test_the_words_of_a_plan_are_bounded(plan: Plan) -> None:
    found = WholePlan.model_validate(plan("each", models=["a/b"] * 60))
    told = words([found])
    assert (len(told), told[-1]) == (31, "and 31 lines more")


@pytest.mark.parametrize(
    ("entry", "args", "says"),
    [
        ("two", {"max_hourly_usd": 0.7}, "refused: together it would cost 0.80 USD an hour"),
        ("two", {"target": "local"}, "! one: pipelines/vllm-serving: "),
        ("filtered", {}, "- llm/1: pipelines/vllm-serving is not run (when "),
        ("later", {}, "> found: playbooks/find is run"),
        ("later", {}, "known only while it runs: for each of ${steps.found.items}"),
        ("fed", {}, "not known yet: sentences"),
    ],
)
def test_everything_has_its_words(plan: Plan, entry: str, args: Doc, says: str) -> None:
    assert says in "\n".join(words([WholePlan.model_validate(plan(entry, **args))]))


def rented(registry: Registry, catalog: Catalog, name: str, hourly_usd: float) -> None:
    """Live on a machine of its own, for less than the market asks by now."""
    drawing = settled(catalog, "vllm-serving", "runpod").model_copy(update={"name": name})
    found = registry.begin(drawing, name, name, lambda _: True, "tight")
    registry.assign_target(found.id, Target.runpod, {})
    books, digest = (
        Attempts(registry.engine, registry.clock),
        digest_of(server_of(drawing, ""), drawing.compute),
    )
    offer = Offer(target=Target.runpod, name="L4", hourly_usd=hourly_usd)
    told = offer.model_dump_json(exclude_defaults=True)
    made = books.intend(found.id, "RunPod", told, digest, lambda n: f"{name}.{n}", price_of(offer))
    books.rented(made.name, f"pod-of-{name}", hourly_usd)
    registry.publish(found.id, {}, f"pod-of-{name}")
    registry.finish(found.id, State.live)


TIGHT = Check(level="meta-pipelines/tight", budget=Budget(max_hourly_usd=0.5), requests=())


@pytest.mark.parametrize(("hourly", "kept"), [(0.2, 0.4), (0.3, None)])
def test_what_is_rented_already_is_held_against_the_budget_for_what_it_is_paid(
    plan: Plan, registry: Registry, catalog: Catalog, hourly: float, kept: float | None
) -> None:
    """The market asks 0.40 for each of two, and the budget allows 0.50 for both."""
    for name in ("tight-both-one", "tight-both-more-two"):
        rented(registry, catalog, name, hourly)
    assert with_what_is_held(TIGHT, {"target": "runpod"}) == kept
    found = plan("tight")
    assert (found["action"], found["hourly_usd"]) == (
        "refused" if kept is None else "nothing",
        2 * hourly,
    )


def limited(hourly: float | None = None, run: float | None = None, hours: float = 2) -> Check:
    request = {"path": "", "compute": {}, "targets": ["runpod"], "target": "runpod", "hours": hours}
    budget = Budget(max_hourly_usd=hourly, max_run_usd=run)
    return Check.model_validate({"level": "x", "budget": budget, "requests": [request]})


def test_what_may_cost_more_is_not_within_a_budget_whatever_is_known_of_it(plan: Plan) -> None:
    known = WholePlan.model_validate(plan("two"))
    assert within(limited(0.8), known) == 0.8
    assert within(limited(0.79), known) is None
    assert within(limited(9), WholePlan.model_validate(plan("later"))) is None
    assert within(limited(9), WholePlan.model_validate(plan("two", target="local"))) is None


def test_a_budget_of_a_run_and_of_one_step_is_held_against_what_is_paid(
    plan: Plan, registry: Registry, catalog: Catalog
) -> None:
    """Two machines at 0.20 where the market asks 0.40; one step of the plan has both."""
    for name in ("tight-both-one", "tight-both-more-two"):
        rented(registry, catalog, name, 0.2)
    paid = WholePlan.model_validate(plan("tight"))
    assert within(limited(run=0.8), paid) == 0.4
    assert within(limited(run=0.79), paid) is None
    mixed = limited(run=9)
    other = mixed.requests[0].model_copy(update={"hours": 3.0})
    mixed = mixed.model_copy(update={"requests": (*mixed.requests, other)})
    assert within(mixed, paid) is None, "nobody knows which of them takes longer"
    assert within(limited(0.2), paid, "both/one") == 0.2
    assert within(limited(0.19), paid, "both/one") is None
    a_step = TIGHT.model_copy(update={"level": "meta-pipelines/tight/both"})
    assert with_what_is_held(a_step, {"target": "runpod"}) == 0.4


def test_what_needs_another_machine_is_held_against_the_market(
    plan: Plan, registry: Registry, catalog: Catalog
) -> None:
    rented(registry, catalog, "tight-both-one", 0.2)
    assert with_what_is_held(TIGHT, {"target": "runpod"}) is None
    a_step = TIGHT.model_copy(update={"level": "meta-pipelines/tight/both"})
    assert with_what_is_held(a_step, {"target": "runpod"}) is None
