"""What Windmill's own pages show of all that is pushed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.runs.flow_modules import place_of
from gateway.runs.steps import Place
from sync.api import Item, Kind, desired, plan, push
from sync.desired.flow_steps import Step, steps_in
from sync.desired.pages import FIELDS, from_git, named_fields
from tests.sync.conftest import Write
from tests.sync.embedded import EmbeddedWindmill
from windmill.scripts.model.base.step_titles import DEPLOYMENT
from windmill.scripts.model.base.windmill_paths import CATALOG, DEPLOY

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shown() -> list[Item]:
    items = desired(ROOT, unbuilt_apps=True)
    return [item for item in items if item.kind in (Kind.script, Kind.flow)]


@pytest.fixture(scope="module")
def flows(shown: list[Item]) -> list[Item]:
    return [item for item in shown if item.kind is Kind.flow]


def test_each_page_says_what_it_does_where_it_is_in_git_and_where_it_is_explained(
    shown: list[Item],
) -> None:
    for item in shown:
        text = item.body["description"]
        assert item.body["summary"].rstrip(".") in text, item.path
        for file in _origins(text):
            assert (ROOT / file).is_file(), f"{item.path} names {file}"
        assert "Gives" in text, item.path


def _origins(text: str) -> list[str]:
    footer = text.rpartition("\n\nFrom `")[2]
    origin, _, docs = footer.partition("` in Git · explained in `")
    assert docs.startswith("docs/"), text
    return [origin, docs.rstrip("`")]


def test_each_field_has_a_title_and_says_what_is_meant(shown: list[Item]) -> None:
    for item in shown:
        schema = item.body["schema"]
        for name, field in schema["properties"].items():
            assert field.get("title"), f"{item.path}: {name}"
            assert field.get("description"), f"{item.path}: {name}"
        assert sorted(schema["order"]) == sorted(schema["properties"]), item.path


def test_what_must_be_given_comes_first_and_what_only_programs_pass_last(
    shown: list[Item],
) -> None:
    for item in shown:
        fields, required = item.body["schema"]["properties"], item.body["schema"]["required"]
        order = item.body["schema"]["order"]
        ranks = [0 if n in required else 2 if "showExpr" in fields[n] else 1 for n in order]
        assert ranks == sorted(ranks), item.path
        assert not any("showExpr" in fields[name] for name in required), item.path


def test_between_people_and_the_run_button_stand_only_their_own_fields(flows: list[Item]) -> None:
    fields = next(i for i in flows if i.path == DEPLOY).body["schema"]["properties"]
    hidden = {name for name, field in fields.items() if "showExpr" in field}
    assert hidden == {"declared_inputs", "health_patience_seconds"}


def test_labels_tell_the_kind(shown: list[Item]) -> None:
    for item in shown:
        inside = item.path.removeprefix(f"{CATALOG}/")
        kind = inside.split("/")[0].removesuffix("s") if inside != item.path else ""
        wanted = kind or ("step" if item.kind is Kind.script else "deployment")
        assert item.body["labels"] == [wanted], item.path


def test_a_step_has_one_title_wherever_it_is_shown(flows: list[Item]) -> None:
    steps = {step.id: step for step in _steps(next(i for i in flows if i.path == DEPLOY))}
    assert {id: step.module["summary"] for id, step in steps.items()} == dict(DEPLOYMENT)
    for flow in flows:
        for step in _steps(flow):
            assert step.module.get("summary"), f"{flow.path}: {step.id}"
            assert place_of(step.module, Place()).title == step.module["summary"]
            branches = step.value.get("branches") or ()
            assert all(branch.get("summary") for branch in branches), f"{flow.path}: {step.id}"


def _steps(flow: Item) -> Iterator[Step]:
    return steps_in(flow.body["value"])


def test_the_table_of_fields_has_nothing_that_no_form_shows(shown: list[Item]) -> None:
    ours = [item for item in shown if not item.path.startswith(f"{CATALOG}/")]
    used = {name for item in ours for name in item.body["schema"]["properties"]}
    assert yaml.safe_load(FIELDS.read_text("utf-8")).keys() - used == set()


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ({"properties": {"deployment_id": {"type": "string"}}}, {"title": "Deployment"}),
        ({"properties": {"top_k": {"type": "string", "title": "Best"}}}, {"title": "Best"}),
        (
            {"properties": {"declared_inputs": {}}},
            {"showExpr": "fields.declared_inputs != null"},
        ),
    ],
)
def test_what_is_written_stands_before_what_the_name_tells(
    schema: dict[str, Any], shown: dict[str, Any]
) -> None:
    (field,) = named_fields(schema)["properties"].values()
    assert {name: field.get(name) for name in shown} == shown


def test_an_argument_that_must_be_given_is_never_hidden() -> None:
    schema = {"properties": {"declared_inputs": {}}, "required": ["declared_inputs"]}
    assert "showExpr" not in named_fields(schema)["properties"]["declared_inputs"]


def test_files_are_links_where_the_project_says_where_it_is_kept(checkout: Write) -> None:
    root = checkout(
        {
            "windmill/scripts/price.py": '"""Price an order."""\n\n\ndef main(): ...\n',
            "pyproject.toml": "[project.urls]\nRepository = 'https://git.example/ml/'\n",
        }
    )
    (item,) = (item for item in desired(root) if item.path == "f/mlops/price")
    file = "windmill/scripts/price.py"
    assert f"From [{file}](https://git.example/ml/blob/HEAD/{file}) in" in item.body["description"]


def test_the_file_of_a_pinned_entry_is_linked_at_its_commit(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project.urls]\nRepository = 'https://git.example'\n")
    path, file = f"{CATALOG}/at/abc/pipelines/rag", "abc:catalog/pipelines/rag.yaml"
    told = from_git("It answers.", path, file, tmp_path)
    assert f"[{file}](https://git.example/blob/abc/catalog/pipelines/rag.yaml)" in told


def test_lists_and_pages_of_a_windmill_show_it(checkout: Write, embedded: EmbeddedWindmill) -> None:
    code = '"""Price an order.\n\nGives `total`.\n"""\n\n\ndef main(amount: int): ...\n'
    items = desired(checkout({"windmill/scripts/price.py": code}))
    push(plan(items, embedded), embedded)
    (listed,) = embedded.get("scripts/list?path_start=f/mlops/price")
    page = embedded.get("scripts/get/p/f/mlops/price")
    assert listed["labels"] == page["labels"] == ["step"]
    assert listed["summary"] == "Price an order."
    assert "Gives `total`." in page["description"]
    assert page["schema"]["properties"]["amount"]["title"] == "Amount"
    embedded.edit("f/mlops/price", labels=["mine"])
    (edited,) = plan(items, embedded).drifted
    assert edited.changed == ("labels",)
