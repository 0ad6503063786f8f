"""Terraform's plan in words: bounded, and nothing sensitive in them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from windmill.scripts.model.show.terraform_words import plan_words

CASES = yaml.safe_load(Path(__file__).with_name("terraform_words.yaml").read_text())


def shown(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"resource_changes": [{"address": "a.b", **each} for each in changes]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"] or "nothing")
def test_a_resource_has_its_line(case: dict[str, Any]) -> None:
    told = plan_words(shown({"address": case["address"], "change": case["change"]}))
    assert told == ((case["says"],) if case["says"] else ())
    assert "canary" not in "".join(told)


def test_a_large_plan_is_cut_short_and_says_so() -> None:
    after = {f"x{number}": "y" * 1000 for number in range(50)}
    change = {"change": {"actions": ["create"], "after": after}}
    told = plan_words(shown(*[change] * 30))
    assert (len(told), told[-1]) == (21, "and 10 more")
    assert told[0].endswith("…; and 44 more")
    assert len(told[0]) < 800
