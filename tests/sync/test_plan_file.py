"""A plan that was looked at is the one that is pushed, or nothing is."""

import json
from pathlib import Path

import pytest

from sync.api import Plan, desired, n8n_settings, plan, plan_file, push, refuse_other
from sync.errors import BadPlanFile, PlanChanged
from tests.sync.conftest import Write
from tests.sync.embedded import EmbeddedWindmill
from tests.sync.test_n8n_items import NEEDED

HERE = ("http://windmill/mlops",)
PRICE = "windmill/scripts/price.py"
FILES = {PRICE: "def main() -> int:\n    return 1\n"}


@pytest.fixture
def root(checkout: Write) -> Path:
    return checkout(FILES)


def planned(root: Path, embedded: EmbeddedWindmill) -> Plan:
    return plan(desired(root), embedded)


def test_the_same_plan_passes(root: Path, embedded: EmbeddedWindmill) -> None:
    text = plan_file(planned(root, embedded), HERE)
    refuse_other(planned(root, embedded), HERE, text.encode(), "f")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({PRICE: "def main() -> int:\n    return 2\n"}, "price was changed in Git since"),
        ({"windmill/scripts/other.py": "def main(): ...\n"}, "script/f/mlops/other was not in it"),
    ],
    ids=["changed", "added"],
)
def test_what_git_says_since_is_refused_and_named(
    root: Path, checkout: Write, embedded: EmbeddedWindmill, files: dict[str, str], told: str
) -> None:
    text = plan_file(planned(root, embedded), HERE)
    checkout(files)
    with pytest.raises(PlanChanged, match=told):
        refuse_other(planned(root, embedded), HERE, text.encode(), "f")


def test_what_was_edited_there_since_is_refused_and_named(
    root: Path, checkout: Write, embedded: EmbeddedWindmill
) -> None:
    push(planned(root, embedded), embedded)
    checkout({PRICE: "def main() -> int:\n    return 2\n"})
    text = plan_file(planned(root, embedded), HERE)
    embedded.edit("f/mlops/price", content="def main() -> int:\n    return 3\n")
    with pytest.raises(PlanChanged, match="script/f/mlops/price was changed there since"):
        refuse_other(planned(root, embedded), HERE, text.encode(), "f")


def test_what_was_pushed_already_is_said(root: Path, embedded: EmbeddedWindmill) -> None:
    text = plan_file(planned(root, embedded), HERE)
    push(planned(root, embedded), embedded)
    with pytest.raises(PlanChanged, match=r"folder/mlops is as in Git already; .* more\."):
        refuse_other(planned(root, embedded), HERE, text.encode(), "f")


def test_one_of_another_windmill_is_refused(root: Path, embedded: EmbeddedWindmill) -> None:
    text = plan_file(planned(root, embedded), ("http://staging/mlops",))
    with pytest.raises(PlanChanged, match="it was made for http://staging/mlops"):
        refuse_other(planned(root, embedded), HERE, text.encode(), "f")


@pytest.mark.parametrize(
    "text",
    [b"", b"\xff", b"[]", b'{"format": "mlops-sync-plan/2", "instances": [], "actions": {}}'],
)
def test_what_is_no_plan_is_refused(root: Path, embedded: EmbeddedWindmill, text: bytes) -> None:
    with pytest.raises(BadPlanFile, match="f is not a plan"):
        refuse_other(planned(root, embedded), HERE, text, "f")


def test_no_value_of_a_variable_stands_in_it_not_even_as_a_digest(
    root: Path, embedded: EmbeddedWindmill
) -> None:
    both = plan(desired(root, n8n_settings(NEEDED)), embedded)
    told = json.loads(plan_file(both, HERE))["actions"]
    variables = {key: told[key]["prints"] for key in told if key.startswith("variable/")}
    assert variables
    assert not any(variables.values())
