"""Budget checks, run for real: what goes over refuses before anything starts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.api import Kind, desired
from tests.model.cost.budgets import PRICES, TABLE, catalog
from windmill.scripts.model.base.errors import Reason
from windmill.scripts.model.base.windmill_paths import use_path
from windmill.scripts.model.compile.compile_catalog import compile_catalog

ROOT = Path(__file__).parents[2]
Doc = dict[str, Any]
RENT = "def main(size=None):\n    return {}\n"
FIND = "def main(items=None):\n    return {'items': items}\n"
# The rules themselves are tested in tests/model/cost; here each kind of check once, on a real flow.
RUNS = {
    ("meta-pipelines/pair", "runpod"): 2,
    ("meta-pipelines/pair", "vastai"): 0,
    ("meta-pipelines/late", "runpod"): 0,
    ("meta-pipelines/leaf", "vastai"): 0,
}


def scripts() -> Iterator[Doc]:
    """The check and all it imports, as they are pushed."""
    items = {item.key: item for item in desired(ROOT)}
    waiting, seen = ["script/f/mlops/check_budget"], set[str]()
    while waiting:
        key = waiting.pop()
        if key not in seen and items[key].kind is Kind.script:
            seen.add(key)
            waiting.extend(items[key].needs)
            yield items[key].body


@pytest.fixture(scope="module")
def jobs(windmill: Any) -> dict[tuple[str, str], Doc]:
    """Started together, and ended."""
    for body in scripts():
        windmill.post("/scripts/create", body)
    windmill.script("f/test/rent", RENT)
    windmill.script("f/test/find", FIND)
    prices = {"path": "f/mlops/assets/prices", "value": PRICES, "resource_type": "mlops_files"}
    windmill.post("/resources/create", prices)
    rented = {"type": "script", "path": "f/test/rent", "input_transforms": {}}
    windmill.flow("f/mlops/ml_pipeline_deployment", {"modules": [{"id": "a", "value": rented}]})
    for key, flow in compile_catalog(catalog()):
        windmill.flow(use_path(key), flow["value"])
    started = {
        (key, target): windmill.post(
            f"/jobs/run/f/{use_path(key)}", {"target": target, "items": [1, 2, 3]}
        )
        for key, target in RUNS
    }
    return {
        run: windmill.until(id, lambda job: job["type"] == "CompletedJob", 120)
        for run, id in started.items()
    }


@pytest.mark.parametrize("run", RUNS, ids=" on ".join)
def test_over_its_budget_nothing_is_rented_and_within_it_goes_on(
    windmill: Any, jobs: dict[tuple[str, str], Doc], run: tuple[str, str]
) -> None:
    job, machines = jobs[run], RUNS[run]
    assert job["success"] == bool(machines), job["result"]
    ran = [each for each in windmill.tree(job["id"]) if each["script_path"] == "f/test/rent"]
    assert len(ran) == machines
    if not machines:
        error = job["result"]["error"]
        assert error["name"] == "BudgetExceeded"
        says = {case["entry"]: case.get("says") for case in TABLE["cases"] if "says" in case}
        reason = Reason.of_job(error)
        assert reason.code == "budget_exceeded"
        assert reason.fix.startswith("Nothing was started.")
        assert error["message"] == str(reason), "people see the fix in Windmill too"
        assert run[0] in says
