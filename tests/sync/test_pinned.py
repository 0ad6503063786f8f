"""Entries pinned at a commit are pushed beside the newest, each with what it calls."""

from pathlib import Path

import pytest

from sync.api import desired
from tests.history.repository import Repository
from tests.sync.conftest import Write
from windmill.scripts.model.base.errors import InvalidInput

PRICE = """kind: playbook
name: price
inputs: {amount: {type: integer, required: true}}
run: {script: price}
"""
PIPELINE = """kind: pipeline
name: bill
inputs: {amount: {type: integer, required: true}}
steps:
  - {id: one, use: playbooks/price, with: {amount: '${inputs.amount}'}}
"""
PINNED = """kind: meta-pipeline
name: year
steps:
  - {id: before, use: pipelines/bill@v1, with: {amount: 1}}
"""


@pytest.fixture
def root(checkout: Write) -> Path:
    return checkout(
        {
            "windmill/scripts/price.py": "def main(amount: int): ...\n",
            "catalog/playbooks/price.yaml": PRICE,
            "catalog/pipelines/bill.yaml": PIPELINE,
        }
    )


def test_what_is_pinned_is_pushed_before_what_calls_it(root: Path) -> None:
    repository = Repository(root)
    repository.git("init", "-q")
    commit = repository.commit()
    repository.git("tag", "v1")
    (root / "catalog/pipelines/bill.yaml").unlink()
    repository.write("meta-pipelines/year", PINNED)
    items = {item.path: item for item in desired(root)}
    order = list(items)
    pinned = f"f/mlops/catalog/at/{commit[:12]}/pipelines/bill"
    assert order.index("f/mlops/price") < order.index(pinned)
    assert order.index(pinned) < order.index("f/mlops/catalog/meta-pipelines/year")
    assert items[pinned].body["value"]["modules"][0]["value"]["path"] == "f/mlops/price"
    assert "f/mlops/catalog/pipelines/bill" not in items


def test_without_history_the_plan_tells_what_is_missing(root: Path) -> None:
    Repository(root).write("meta-pipelines/year", PINNED)
    with pytest.raises(InvalidInput, match=r"catalog/meta-pipelines/year.yaml:4:.*E-CAT-030"):
        desired(root)
