"""What a watcher of a job is told, and what not: as answers and as a stream."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.slow
Doc = dict[str, Any]
CASES = yaml.safe_load(Path(__file__).with_name("updates.yaml").read_text())
SLEEPS = "import time\ndef main():\n    print('begun', flush=True)\n    time.sleep(60)\n"
IDENTITY = {"id": "a", "value": {"type": "identity"}}


def _preview(windmill: Any, content: str, **query: Any) -> str:
    body = {"content": content, "language": "python3", "args": {}}
    started: str = windmill.post("/jobs/run/preview", body, **query)
    return started


def _ended(content: str) -> Callable[[Any], str]:
    def make(windmill: Any) -> str:
        job: str = windmill.ended(_preview(windmill, content))["id"]
        return job

    return make


def _running(windmill: Any) -> str:
    job = _preview(windmill, SLEEPS)
    windmill.until(job, lambda seen: "begun" in (seen["logs"] or ""))
    return job


def _halfway(windmill: Any) -> str:
    job = windmill.preview("def main(): ...")["id"]
    windmill.post(f"/job_metrics/set_progress/{job}", {"percent": 50})
    return str(job)


def _queued(windmill: Any) -> str:
    return _preview(windmill, "def main(): ...", scheduled_in_secs=3600)


def _suspended(windmill: Any) -> str:
    modules = [IDENTITY | {"suspend": {"required_events": 1}}]
    job: str = windmill.start_flow({"modules": modules})
    windmill.until(job, lambda seen: seen.get("suspend"))
    return job


def _flow(windmill: Any) -> str:
    return str(windmill.run_flow({"modules": [IDENTITY]}, {"n": 1})["id"])


STATES: dict[str, Callable[[Any], str]] = {
    "ended": _ended("def main():\n    print('hello')\n    return {'answer': 7}\n"),
    "nothing": _ended("def main(): ...\n"),
    "failed": _ended("def main():\n    raise ValueError\n"),
    "running": _running,
    "halfway": _halfway,
    "queued": _queued,
    "suspended": _suspended,
    "flow": _flow,
}


@pytest.fixture(scope="module")
def job_in(windmill: Any) -> Iterator[Callable[[str], str]]:
    """A job in the state of that name; each is made once."""
    made: dict[str, str] = {}

    def find(state: str) -> str:
        if state not in made:
            made[state] = STATES[state](windmill)
        return made[state]

    yield find
    for state in {"running", "queued", "suspended"} & made.keys():
        windmill.post(f"/jobs_u/queue/cancel/{made[state]}", {"reason": "seen"})


def flags(query: Doc) -> Doc:
    return {name: json.dumps(value) for name, value in query.items()}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_an_update_says(windmill: Any, job_in: Callable[[str], str], case: Doc) -> None:
    told = windmill.get(f"/jobs_u/getupdate/{job_in(case['job'])}", **flags(case["query"]))
    assert told.keys() - {"mem_peak"} == set(case["keys"])
    assert {key: told[key] for key in case["says"]} == case["says"]


def test_logs_go_on_where_the_watcher_stopped(windmill: Any, job_in: Callable[[str], str]) -> None:
    job = job_in("ended")
    whole = windmill.get(f"/jobs_u/getupdate/{job}")
    assert whole["log_offset"] == len(whole["new_logs"]) + 1
    rest = windmill.get(f"/jobs_u/getupdate/{job}", log_offset=whole["log_offset"] - 3)
    assert rest["new_logs"] == whole["new_logs"][-3:]
    assert (
        windmill.get(f"/jobs_u/getupdate/{job}", log_offset=whole["log_offset"])["new_logs"] == ""
    )


def events(windmill: Any, job: str, **query: Any) -> list[Doc]:
    with windmill.http.stream("GET", f"/jobs_u/getupdate_sse/{job}", params=flags(query)) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        return [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]


def test_the_stream_of_an_ended_job_is_one_event_with_the_job(
    windmill: Any, job_in: Callable[[str], str]
) -> None:
    (only,) = events(windmill, job_in("ended"))
    assert (only["type"], only["completed"], only["job"]["result"]) == (
        "update",
        True,
        {"answer": 7},
    )
    assert "logs" not in only["job"] or only["job"]["logs"] is None
    assert "hello" in only["new_logs"]


def test_the_stream_of_a_result_ends_with_it(windmill: Any) -> None:
    job = _preview(windmill, "def main():\n    return 7\n")
    *_, last = events(windmill, job, fast=True, only_result=True, running=False)
    assert last == {"type": "update", "completed": True, "only_result": 7} | (
        {"running": True} if "running" in last else {}
    )


def test_a_stream_says_nothing_twice(windmill: Any) -> None:
    code = "import time\ndef main():\n    for n in range(3):\n"
    code += "        print(f'line {n}', flush=True)\n        time.sleep(0.4)\n"
    told = events(windmill, _preview(windmill, code), fast=True)
    assert {event["type"] for event in told} <= {"update", "ping"}
    logs = "".join(event.get("new_logs", "") for event in told)
    assert [logs.count(f"line {n}\n") for n in range(3)] == [1, 1, 1]
    offsets = [event["log_offset"] for event in told if "log_offset" in event]
    assert offsets == sorted(set(offsets))
    assert [event["completed"] for event in told[1:] if "completed" in event] == [True]


def test_a_stream_tells_of_a_flow_s_steps(windmill: Any) -> None:
    *_, last = events(windmill, windmill.start_flow({"modules": [IDENTITY]}), fast=True)
    assert [step["type"] for step in last["flow_status"]["modules"]] == ["Success"]
