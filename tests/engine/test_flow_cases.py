"""OpenFlow semantics as data: flows/*.yaml, judged against any Windmill, again and again.

A case is a preview of `flow`, or with `run` a start of that deployed flow or script. `expect` has:
`start`, the status of a start that is refused; `result`; `error`, parts of its texts, null for a
field that is not there; `success`; `skipped`; `steps`, the states of those that were reached;
`ran`, how many jobs each step made, nested ones included; `answer`, what a waiting caller is told.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

Doc = dict[str, Any]
FILES = sorted(Path(__file__).with_name("flows").glob("*.yaml"))
LOADED = {path.stem: yaml.safe_load(path.read_text()) for path in FILES}
CASES = [
    pytest.param(case, id=f"{stem}: {case['name']}")
    for stem, file in LOADED.items()
    for case in file["cases"]
]


@pytest.fixture(scope="module")
def deployed(windmill: Any) -> Any:
    for file in LOADED.values():
        for path, value in file.get("variables", {}).items():
            windmill.variable(path, value)
        for path, value in file.get("resources", {}).items():
            windmill.resource(path, value)
        for path, script in file.get("scripts", {}).items():
            windmill.script(path, **(script if isinstance(script, dict) else {"content": script}))
        for path, value in file.get("flows", {}).items():
            windmill.flow(path, value)
    return windmill


def start(windmill: Any, case: Doc, job_id: str) -> httpx.Response:
    """A refusal is an answer, too."""
    args, query = case.get("args") or {}, {"job_id": job_id, **case.get("query", {})}
    if "run" not in case:
        path, body = "run/preview_flow", {"value": case["flow"], "args": args}
    else:
        how = "run_wait_result" if "answer" in case["expect"] else "run"
        path, body = f"{how}/{case['run']}", args
    answer: httpx.Response = windmill.http.post(f"/jobs/{path}", json=body, params=query)
    return answer


@pytest.mark.parametrize("case", CASES)
def test_case(deployed: Any, job_id: str, case: Doc) -> None:
    expect = case["expect"]
    started = start(deployed, case, job_id)
    if "start" in expect:
        assert started.status_code == expect["start"], started.text
        return
    if "answer" in expect:
        told = [started.status_code, started.json() if started.content else None]
        assert told == expect["answer"]
    job = deployed.ended(job_id)
    assert job["success"] is expect.get("success", "error" not in expect), job["result"]
    check_result(job, expect)
    if "skipped" in expect:
        assert job["is_skipped"] is expect["skipped"]
    if "steps" in expect:
        assert states(job) == expect["steps"]
    ran = Counter(step for step, _ in deployed.steps(job)) if "ran" in expect else Counter()
    assert {step: ran[step] for step in expect.get("ran", {})} == expect.get("ran", {})


def check_result(job: Doc, expect: Doc) -> None:
    if "result" in expect:
        assert job["result"] == expect["result"]
        assert type(job["result"]) is type(expect["result"])
    for key, part in expect.get("error", {}).items():
        told = job["result"]["error"].get(key)
        assert told is None if part is None else part in told


def states(job: Doc) -> Doc:
    """Of the steps that were reached."""
    status = job["flow_status"]
    modules = [*status["modules"], status["failure_module"]]
    return {m["id"]: m["type"] for m in modules if m["type"] != "WaitingForPriorSteps"}
