"""What people read of a step's log is the step's own."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.runs.step_log import own_text

CASES = yaml.safe_load((Path(__file__).parent / "step_logs.yaml").read_text("utf-8"))
JOB = "0197a1b2-0000-7000-8000-00000000c0de"
HEAD = f"job={JOB} tag=python3 worker=wk-default-vm-1 hostname=vm\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_only_the_code_is_heard(case: dict[str, Any]) -> None:
    log = case["log"].replace("HEAD\n", HEAD)
    assert own_text(log, case.get("ended", False)) == case["own"]


@pytest.mark.parametrize("case", [c for c in CASES if not c.get("ended")], ids=lambda c: c["name"])
def test_a_log_that_grows_takes_no_word_back(case: dict[str, Any]) -> None:
    lines = case["log"].replace("HEAD\n", HEAD).splitlines(keepends=True)
    texts = [own_text("".join(lines[:count]), ended=False) for count in range(len(lines) + 1)]
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
