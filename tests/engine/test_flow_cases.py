"""OpenFlow semantics as data: flows/*.yaml, judged against any Windmill."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

FILES = sorted(Path(__file__).with_name("flows").glob("*.yaml"))
LOADED = {path.stem: yaml.safe_load(path.read_text()) for path in FILES}
CASES = [
    pytest.param(stem, case, id=f"{stem}: {case['name']}")
    for stem, file in LOADED.items()
    for case in file["cases"]
]


@pytest.fixture(scope="module")
def deployed(windmill: Any) -> Any:
    for file in LOADED.values():
        for path, content in file.get("scripts", {}).items():
            windmill.script(path, content)
        for path, value in file.get("flows", {}).items():
            windmill.flow(path, value)
    return windmill


@pytest.mark.parametrize(("stem", "case"), CASES)
def test_case(deployed: Any, stem: str, case: dict[str, Any]) -> None:
    job = deployed.run_flow(case["flow"], case.get("args"))
    expect = case["expect"]
    assert job["success"] is expect.get("success", "error" not in expect), job["result"]
    if "result" in expect:
        assert job["result"] == expect["result"]
    for key, part in expect.get("error", {}).items():
        assert part in job["result"]["error"][key]
    if "skipped" in expect:
        assert job["is_skipped"] is expect["skipped"]
    ran = Counter(child["flow_step_id"] for child in deployed.tree(job["id"]))
    assert {step: ran[step] for step in expect.get("ran", {})} == expect.get("ran", {})
