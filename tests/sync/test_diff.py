"""A plan line by line: folded, and without a secret."""

from pathlib import Path

import pytest

from sync.api import desired, diff, n8n_settings, plan, push
from sync.diff import SHOWN_LINES
from tests.sync.conftest import Write
from tests.sync.embedded import EmbeddedWindmill
from tests.sync.test_n8n_items import NEEDED

PRICE = "windmill/scripts/price.py"


@pytest.fixture
def root(checkout: Write, embedded: EmbeddedWindmill) -> Path:
    root = checkout({PRICE: "def main() -> int:\n    return 1\n"})
    push(plan(desired(root), embedded), embedded)
    return root


def lines_of(root: Path, embedded: EmbeddedWindmill) -> list[str]:
    (action,) = plan(desired(root), embedded).writes
    return diff(action)


def test_it_goes_from_what_is_there_to_what_git_says(
    root: Path, checkout: Write, embedded: EmbeddedWindmill
) -> None:
    checkout({PRICE: "def main() -> int:\n    return 2\n"})
    assert lines_of(root, embedded) == [
        "--- content there", "+++ content in Git", "@@ -1,2 +1,2 @@",
        " def main() -> int:", "-    return 1", "+    return 2",
    ]  # fmt: skip


def test_a_long_one_is_folded_and_says_so(
    root: Path, checkout: Write, embedded: EmbeddedWindmill
) -> None:
    more = "".join(f"# {number}\n" for number in range(200))
    checkout({PRICE: f"def main() -> int:\n    return 1\n{more}"})
    lines = lines_of(root, embedded)
    assert len(lines) == SHOWN_LINES + 1
    assert lines[-1] == "… 145 more lines"


def test_no_value_of_a_variable_is_shown(root: Path, embedded: EmbeddedWindmill) -> None:
    push(plan(desired(root, n8n_settings(NEEDED)), embedded), embedded)
    path = "f/mlops/n8n_notify_token"
    embedded.others.post(f"variables/update/{path}", {"value": "another"})
    (changed,) = [
        action
        for action in plan(desired(root, n8n_settings(NEEDED)), embedded).writes
        if action.item.path == path and action.changed
    ]
    assert diff(changed) == []
