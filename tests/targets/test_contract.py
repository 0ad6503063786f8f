"""What every target keeps to, whoever wrote it: one table for all folders.

A new target (`mlops dev new-target`) is held to it by being a folder; what is deployed there is in
data/<name>.yaml.
"""

import inspect
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.development.generated import OWNERS
from tests.targets.support import PROJECT, deployment, settled
from tests.targets.terraform_text import Declaration, declarations
from windmill.scripts.model.base.errors import TargetRefused
from windmill.scripts.model.base.target import OWN, RENTED, Target
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.drawing.pipeline import Compute
from windmill.scripts.provision.root_config import escape, render_root
from windmill.scripts.provision.terraform import Terraform
from windmill.scripts.provision.workdir import deployment_folder, terraform_folder
from windmill.scripts.targets.host_protocol import TargetHost
from windmill.scripts.targets.hosts import HOSTS
from windmill.scripts.targets.planned import PlannedTarget
from windmill.scripts.targets.planned_host import PlannedHost
from windmill.scripts.targets.protocol import (
    COMMON_OUTPUTS,
    DeploymentTarget,
    Order,
    RentedMachine,
)
from windmill.scripts.targets.registry import TARGETS
from windmill.scripts.targets.rental import rented_host
from windmill.scripts.targets.selection import candidates
from windmill.scripts.targets.teardown import tear_down

FOLDERS = PROJECT / "windmill" / "scripts" / "targets"
MODULES = PROJECT / "terraform" / "modules"
DATA = Path(__file__).parent / "data"
NAMES = sorted(file.parent.name for file in FOLDERS.glob("*/target.py"))
WITH_MODULE = [name for name in NAMES if TARGETS[Target(name)].outputs]
BUILT = [name for name in NAMES if not TARGETS[Target(name)].planned]
# What a cluster is told only a cluster takes: tests/kubernetes holds it to the same.
ALONE = [name for name in BUILT if name != Target.k3s]
CODE_LIKE = "${path.module} %{if true}yes%{endif} {{ lookup('pipe', 'id') }}"

each = pytest.mark.parametrize("name", NAMES)
each_module = pytest.mark.parametrize("name", WITH_MODULE)
pytestmark = pytest.mark.usefixtures("embedded", "prices_pushed")


def order(name: str, catalog: Catalog) -> Order:
    """What data/<name>.yaml deploys."""
    told = yaml.safe_load((DATA / f"{name}.yaml").read_text("utf-8"))
    pipeline = settled(catalog, told["pipeline"], **told.get("inputs", {}))
    machine = RentedMachine(**told["machine"]) if "machine" in told else None
    id = f"{name.replace('_', '-')}-1"
    there = {key: told[key] for key in ("place", "ports") if key in told}
    if not there:
        chosen = TARGETS[Target(name)].place({}, deployment(id), ())
        there = {"ports": chosen.ports, "place": chosen.place}
    placed = deployment(id, target=name, **there)
    return Order(placed, pipeline, catalog.components, machine)


def declared(name: str, kind: str) -> dict[str, Declaration]:
    return {
        d.name: d for d in declarations(MODULES / TARGETS[Target(name)].module) if d.kind == kind
    }


def root_of(order: Order) -> dict[str, Any]:
    target = TARGETS[Target(str(order.deployment.target))]
    return render_root(target.module, target.variables(order), target.outputs, target.secrets)


def public(protocol: type) -> set[str]:
    return {name for name in vars(protocol) if not name.startswith("_")}


def test_every_folder_is_a_target_and_every_target_a_folder() -> None:
    assert set(NAMES) == set(TARGETS) == set(HOSTS) == {*Target} - {Target.auto}


@each
def test_it_has_all_that_the_protocol_names_under_its_folder_s_name(name: str) -> None:
    target, host = TARGETS[Target(name)], HOSTS[Target(name)]
    assert target.name == name
    assert {member for member in public(DeploymentTarget) if not hasattr(target, member)} == set()
    assert {member for member in public(TargetHost) if not hasattr(host, member)} == set()
    for member in public(DeploymentTarget):
        wanted, given = getattr(DeploymentTarget, member), getattr(type(target), member)
        if inspect.isfunction(wanted):
            assert (
                inspect.signature(given).parameters.keys()
                == inspect.signature(wanted).parameters.keys()
            ), member


@each
def test_it_says_whose_machine_it_is(name: str) -> None:
    facts = tomllib.loads((FOLDERS / name / "facts.toml").read_text("utf-8"))
    assert set(facts) - {"settings", "key"} == {"owner", "machine"}
    assert facts["owner"] in OWNERS
    assert (name in RENTED, name in OWN) == (
        facts["owner"] == "provider",
        facts["owner"] != "provider",
    )


@pytest.mark.parametrize("name", BUILT)
def test_what_is_built_has_a_module_and_a_host_of_its_own(name: str) -> None:
    assert name in WITH_MODULE
    assert not isinstance(HOSTS[Target(name)], PlannedHost)


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> PlannedTarget:
    """As a new target begins, in the place of one that is built."""
    target = type("Begun", (PlannedTarget,), {"name": "exoscale", "planned": "It will be one."})()
    monkeypatch.setitem(TARGETS, Target.exoscale, target)
    monkeypatch.setitem(HOSTS, Target.exoscale, PlannedHost("exoscale"))
    assert isinstance(target, PlannedTarget)
    return target


@each
def test_what_it_is_to_be_is_told_in_a_sentence(name: str) -> None:
    assert re.fullmatch(r"([A-Z].*\.)?", TARGETS[Target(name)].planned)


def test_what_is_planned_is_refused_in_a_sentence_with_a_fix(
    planned: PlannedTarget, catalog: Catalog
) -> None:
    with pytest.raises(TargetRefused) as refused:
        candidates(planned.name, settled(catalog, "summarizer"), catalog.components)
    assert planned.planned in str(refused.value)
    assert refused.value.fix


@each
def test_offers_are_its_own_and_the_cheapest_comes_first(name: str) -> None:
    offers = TARGETS[Target(name)].offers(Compute())
    assert {offer.target for offer in offers} <= {name}
    assert [offer.hourly_usd for offer in offers] == sorted(offer.hourly_usd for offer in offers)
    assert offers or name not in BUILT


@each
def test_what_does_not_fit_is_told_in_words(name: str, catalog: Catalog) -> None:
    for entry in ("summarizer", "vllm-serving"):
        misfits = TARGETS[Target(name)].misfits(settled(catalog, entry), catalog.components)
        assert all(" " in words and words == words.strip() for words in misfits)


@each
def test_a_module_is_there_exactly_where_its_outputs_are_named(name: str) -> None:
    module = MODULES / TARGETS[Target(name)].module
    assert module.is_dir() == (name in WITH_MODULE)
    if module.is_dir():
        assert (module / "README.md").is_file()
        assert list((module / "tests").glob("*.tftest.hcl"))


@each_module
def test_the_module_takes_what_it_is_given_and_is_given_what_it_needs(
    name: str, catalog: Catalog
) -> None:
    target, variables = TARGETS[Target(name)], declared(name, "variable")
    given = {*target.variables(order(name, catalog)), *target.secrets}
    assert given <= set(variables)
    assert {each.name for each in variables.values() if not each.optional} <= given
    assert all(each.described for each in variables.values())


@each_module
def test_the_module_tells_what_a_deployment_goes_by(name: str) -> None:
    target, outputs = TARGETS[Target(name)], declared(name, "output")
    assert {*COMMON_OUTPUTS} <= {*target.outputs} <= set(outputs)
    assert all(each.described for each in outputs.values())


@each_module
def test_a_secret_is_sensitive_and_its_value_no_argument(name: str, catalog: Catalog) -> None:
    target, variables = TARGETS[Target(name)], declared(name, "variable")
    sensitive = {each.name for each in variables.values() if each.sensitive}
    assert sensitive == {*target.secrets}
    assert not {*target.variables(order(name, catalog))} & {*target.secrets}
    call = root_of(order(name, catalog))["module"][TARGETS[Target(name)].module]
    assert {call[secret] for secret in target.secrets} == {f"${{var.{s}}}" for s in target.secrets}


@each_module
def test_data_that_looks_like_code_stays_data(name: str, catalog: Catalog) -> None:
    hostile = written_as_code(order(name, catalog))
    target = TARGETS[Target(name)]
    call = root_of(hostile)["module"][TARGETS[Target(name)].module]
    for variable, value in target.variables(hostile).items():
        assert call[variable] == escape(value)
        for text in strings(call[variable]):
            assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", text), text


def written_as_code(order: Order) -> Order:
    """Every text that a person writes looks like Terraform and Jinja."""
    nodes = tuple(
        node.model_copy(update={"config": {k: _code(v) for k, v in node.config.items()}})
        for node in order.pipeline.nodes
    )
    return replace(
        order,
        deployment=order.deployment.model_copy(update={"name": CODE_LIKE}),
        pipeline=order.pipeline.model_copy(update={"nodes": nodes}),
    )


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings([key, item])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def _code(value: Any) -> Any:
    return CODE_LIKE if isinstance(value, str) else value


@each_module
def test_the_same_order_is_the_same_root(name: str, catalog: Catalog) -> None:
    same = order(name, catalog)
    target = TARGETS[Target(name)]
    assert json.dumps(target.variables(same)) == json.dumps(target.variables(same))


@pytest.fixture
def given_back(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Deployments whose machines were given back; how, the tests of `rental` show."""
    ids: list[str] = []
    monkeypatch.setattr(rented_host, "give_back_all", lambda target, id: ids.append(id))
    return ids


@pytest.mark.slow
@pytest.mark.parametrize("name", ALONE)
def test_a_second_plan_is_empty_and_destroying_twice_is_fine(
    name: str, catalog: Catalog, given_back: list[str]
) -> None:
    placed_order = order(name, catalog)
    root, placed = root_of(placed_order), placed_order.deployment
    terraform = Terraform(terraform_folder(placed.id))
    terraform.write(root, texts(MODULES, ".tf"))
    terraform.init()
    terraform.apply(terraform.plan())
    assert {*COMMON_OUTPUTS} <= {*terraform.outputs()}
    assert not terraform.plan().changes
    placed = placed.model_copy(update={"place": None})  # a host of one's own is not there
    for _ in range(2):
        tear_down(placed, root, texts(PROJECT / "ansible", ".yml", ".py"), texts(MODULES, ".tf"))
        assert not deployment_folder(placed.id).exists()
    assert given_back == ([placed.id] * 2 if name in RENTED else [])


def texts(folder: Path, *kinds: str) -> dict[str, str]:
    files = (file for file in folder.rglob("*") if file.suffix in kinds)
    return {str(file.relative_to(folder)): file.read_text("utf-8") for file in files}


def test_what_another_version_may_have_made_is_not_called_destroyed(
    planned: PlannedTarget,
) -> None:
    with pytest.raises(TargetRefused):
        tear_down(deployment("lost-1", target=planned.name), {}, {}, {})
