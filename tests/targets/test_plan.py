"""What deploying would do, told from the registry as it is."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select

from tests.targets.support import PROJECT, settled
from windmill.scripts import plan_deployment, request_approval
from windmill.scripts.model.base.errors import DeploymentElsewhere, InvalidInput
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.cost.optimizer import Candidate
from windmill.scripts.model.drawing.deployment import State
from windmill.scripts.provision.terraform import Terraform
from windmill.scripts.provision.workdir import terraform_folder
from windmill.scripts.store.opened import open_registry
from windmill.scripts.store.registry import Registry
from windmill.scripts.targets.planning import here
from windmill.scripts.targets.protocol import Order
from windmill.scripts.targets.root import root_of

Plan = Callable[..., dict[str, Any]]
NAME = "summarizer"
FOLDER = PROJECT / "terraform" / "modules"
MODULES = {str(each.relative_to(FOLDER)): each.read_text() for each in FOLDER.rglob("*.tf")}


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: None) -> Registry:
    monkeypatch.setenv("MLOPS_LOCAL_ROOT", str(tmp_path / "deployments"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/registry.db")
    return open_registry()


@pytest.fixture
def plan(registry: Registry, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setattr(here, "components", lambda: catalog.components)
    monkeypatch.setattr(here, "baselines", lambda: ())
    monkeypatch.setattr(here, "asset", lambda name: MODULES)
    entry = catalog.entries[f"pipelines/{NAME}"]

    def ask(target: str | None = "local", **more: Any) -> dict[str, Any]:
        request = {
            "pipeline": entry.pipeline.model_dump(mode="json", exclude_none=True),
            "declared_inputs": entry.inputs,
            "target": target,
            **more,
        }
        return plan_deployment.main(json.dumps(request))

    return ask


def deployed(
    registry: Registry, catalog: Catalog, ports: dict[str, int] | None = None, **inputs: Any
) -> str:
    drawing = settled(catalog, NAME, "local", **inputs)
    found = registry.begin(drawing, "run", "run", lambda _: True)
    registry.assign_target(found.id, Target.local, ports or {"api": 9000})
    registry.finish(found.id, State.live)
    return found.id


def content(registry: Registry) -> dict[str, Any]:
    tables = MetaData()
    tables.reflect(registry.engine)
    with registry.engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table))]
            for name, table in tables.tables.items()
        }


def test_what_is_not_there_yet_would_be_created(plan: Plan) -> None:
    told = plan()
    assert (told["action"], told["target"], told["hourly_usd"]) == ("create", "local", 0.0)
    assert told["creates"][:2] == ["a place of its own on local", "its API"]
    assert (told["live"], told["changes"]) == (None, [])


def test_the_same_again_would_change_nothing(
    plan: Plan, registry: Registry, catalog: Catalog
) -> None:
    id = deployed(registry, catalog)
    told = plan()
    assert (told["action"], told["creates"], told["changes"]) == ("nothing", [], [])
    assert told["live"] == {"id": id, "state": "live", "revision": 1, "target": "local"}


def test_what_differs_from_what_runs_is_named(
    plan: Plan, registry: Registry, catalog: Catalog
) -> None:
    deployed(registry, catalog)
    told = plan(inputs={"sentences": 7})
    changed = {"change": "changed", "what": "node summary", "settings": ["sentences"]}
    assert (told["action"], told["changes"]) == ("update", [changed])


def test_one_that_is_not_well_would_be_mended(
    plan: Plan, registry: Registry, catalog: Catalog
) -> None:
    id = deployed(registry, catalog)
    registry.finish(id, State.degraded, "it does not answer")
    assert plan()["action"] == "update"


def test_one_that_was_destroyed_would_be_created_anew(
    plan: Plan, registry: Registry, catalog: Catalog
) -> None:
    registry.finish(deployed(registry, catalog), State.destroyed)
    told = plan()
    assert (told["action"], told["live"]) == ("create", None)


def test_an_open_target_is_told_with_all_that_fit(plan: Plan) -> None:
    told = plan(target=None)
    assert (told["target"], told["hourly_usd"]) == (None, None)
    assert [each["offer"]["target"] for each in told["candidates"]] == ["local"]
    assert {each["target"] for each in told["refused"]} >= {"k3s", "ssh"}


def test_a_refusal_is_a_plan_too(plan: Plan) -> None:
    told = plan(target="exoscale")
    assert (told["action"], told["candidates"]) == ("refused", [])
    assert "mlops provider-key exoscale" in told["refused"][0]["reason"]
    assert told["fix"] == "Choose local or ssh; nothing was created."


def test_moving_it_is_refused_as_deploying_would(
    plan: Plan, registry: Registry, catalog: Catalog
) -> None:
    deployed(registry, catalog)
    with pytest.raises(DeploymentElsewhere):
        plan(target="ssh", target_settings={"host": "10.0.0.5"})


def test_wrong_inputs_are_refused_as_deploying_would(plan: Plan) -> None:
    with pytest.raises(InvalidInput, match="sentences"):
        plan(inputs={"sentences": 700})


@pytest.mark.parametrize("change", [{}, {"inputs": {"sentences": 7}}, {"name": "other"}])
def test_nothing_is_written(
    plan: Plan, registry: Registry, catalog: Catalog, tmp_path: Path, change: dict[str, Any]
) -> None:
    deployed(registry, catalog)
    before = content(registry), sorted(tmp_path.rglob("*"))
    for target in ("local", "k3s", "auto", None):
        plan(target, **change)
    assert (content(registry), sorted(tmp_path.rglob("*"))) == before


@pytest.mark.slow
def test_terraform_plans_what_is_not_there_yet_and_leaves_nothing(
    plan: Plan, registry: Registry, tmp_path: Path
) -> None:
    before = content(registry), sorted(tmp_path.rglob("*"))
    told = plan(with_terraform=True)
    line = "+ create module.local.terraform_data.deployment: "
    assert told["terraform"][0].startswith(line)
    assert (content(registry), sorted(tmp_path.rglob("*"))) == before


@pytest.mark.slow
def test_terraform_plans_from_the_state_that_is_there(
    plan: Plan, registry: Registry, catalog: Catalog
) -> None:
    id = deployed(registry, catalog, ports={"api": 9000, "litellm": 9001, "model_server": 9002})
    deployment, drawn = registry.require(id), registry.pipeline(id)
    terraform = Terraform(terraform_folder(id))
    terraform.write(root_of(Order(deployment, drawn, catalog.components)), MODULES)
    terraform.init()
    terraform.apply(terraform.plan())
    state = (terraform_folder(id) / "terraform.tfstate").read_bytes()
    changed = "~ update module.local.terraform_data.deployment: input.labels.revision "
    told = plan(inputs={"sentences": 7}, with_terraform=True)["terraform"]
    assert told[0] == changed + '"1" → "2"'
    assert (terraform_folder(id) / "terraform.tfstate").read_bytes() == state


def test_without_the_state_terraform_s_plan_is_not_made_up(
    plan: Plan, registry: Registry, catalog: Catalog
) -> None:
    deployed(registry, catalog)
    told = plan(inputs={"sentences": 7}, with_terraform=True)
    assert (told["terraform"], "has not the state" in told["terraform_note"]) == ([], True)


def test_where_a_host_must_be_asked_first_it_is_not(plan: Plan) -> None:
    told = plan("ssh", target_settings={"host": "10.0.0.5"}, with_terraform=True)
    assert "once the host was asked" in told["terraform_note"]


def test_what_changes_nothing_needs_no_terraform(
    plan: Plan, registry: Registry, catalog: Catalog
) -> None:
    deployed(registry, catalog)
    told = plan(with_terraform=True)
    assert (told["terraform"], told["terraform_note"]) == ([], "")


@pytest.fixture
def asked(
    registry: Registry, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], str]:
    """Between generating and applying: the run is under way, and what is live is as it was."""
    monkeypatch.setattr(request_approval, "components", lambda: catalog.components)
    monkeypatch.setattr(request_approval, "asset", lambda name: MODULES)
    monkeypatch.setattr(request_approval, "throttle", lambda: None)
    chosen = Offer(target=Target.local, name="this machine", hourly_usd=0.0)
    candidate = Candidate(offer=chosen, reason="costs nothing more").model_dump(mode="json")

    def lines() -> str:
        drawing = settled(catalog, NAME, "local", sentences=7)
        found = registry.begin(drawing, "job-9", "job-9", lambda _: True)
        ports = {"api": 9000, "litellm": 9001, "model_server": 9002}
        registry.assign_target(found.id, Target.local, ports)
        plan = {"deployment_id": found.id, "candidates": [candidate]}
        return "\n".join(request_approval._lines(plan))

    return lines


@pytest.mark.slow
def test_who_approves_a_deployment_is_told_its_price_its_candidates_and_terraform_s_plan(
    asked: Callable[[], str],
) -> None:
    told = asked()
    assert f"{NAME}: would be created; 0.00 USD an hour, no budget" in told
    assert "1. local this machine, free: costs nothing more" in told
    assert "terraform: + create module.local.terraform_data.deployment" in told


def test_who_approves_an_update_is_told_what_is_live_and_what_changes(
    asked: Callable[[], str], registry: Registry, catalog: Catalog
) -> None:
    deployed(registry, catalog)
    told = asked()
    assert f"{NAME}: would be updated" in told
    assert "in place of revision 1, which is live; changed node" in told
    assert "has not the state of Terraform" in told
