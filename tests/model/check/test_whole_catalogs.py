"""What only shows across entries: names that join, outputs that may be missing, shared states."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.model.check.test_check import GOOD, problems_of, written

CASES = yaml.safe_load(Path(__file__).with_name("whole_catalogs.yaml").read_text())
BAD = [case for case in CASES if "says" in case]
RIGHT = [case for case in CASES if "says" not in case]


def named(case: dict[str, Any]) -> str:
    return str(case["case"])


@pytest.mark.parametrize("case", BAD, ids=named)
def test_what_would_go_wrong_levels_apart_is_told_where_it_is_written(
    tmp_path: Path, case: dict[str, Any]
) -> None:
    (problem,) = problems_of(written(tmp_path, {**GOOD, **case["add"]}))
    assert case["says"] in problem.message
    assert problem.code == case["code"]
    assert (problem.file, problem.field) == (f"catalog/{case['in']}.yaml", case["at"])
    assert case.get("fix", "") in problem.fix
    assert problem.line > 0


@pytest.mark.parametrize("case", RIGHT, ids=named)
def test_what_is_meant_so_is_not_refused(tmp_path: Path, case: dict[str, Any]) -> None:
    assert problems_of(written(tmp_path, {**GOOD, **case["add"]})) == []
