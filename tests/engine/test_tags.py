"""Which worker takes a job: the one that listens to its tag, and nobody where none does."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import EngineProcess, Windmill

pytestmark = pytest.mark.slow

WHERE = "import os\ndef main():\n    return [os.environ[n] for n in ('WM_WORKER_GROUP', 'PLACE')]\n"
BOX, ELSEWHERE = ["box", "the box"], ["default", "anywhere"]
HERE = {"type": "script", "path": "f/tags/here"}


@pytest.fixture(scope="module")
def windmill(tmp_path_factory: pytest.TempPathFactory, engine_cache: Path) -> Iterator[Windmill]:
    folder = tmp_path_factory.mktemp("tags")
    (folder / "env").write_text("PLACE=anywhere\n")
    (folder / "box").write_text("PLACE=the box\n")
    options = ["--env-file", str(folder / "env"), "--tagged", f"box={folder / 'box'}"]
    process = EngineProcess(folder, engine_cache, options)
    started = process.start()
    assert started, (folder / "log").read_text()
    started.script("f/tags/here", WHERE)
    started.script("f/tags/box", WHERE, tag="box")
    started.flow("f/tags/sub", {"modules": [{"id": "a", "value": HERE}]})
    yield started
    process.stop()


def found(windmill: Windmill, value: dict[str, Any], **query: Any) -> Any:
    flow = {"modules": [{"id": "a", "value": value}]}
    return windmill.ended(windmill.start_flow(flow, **query))["result"]


def test_a_script_runs_where_its_tag_is_listened_to_with_the_variables_given_there(
    windmill: Windmill,
) -> None:
    runs = [windmill.start_script(f"f/tags/{name}") for name in ("box", "here")]
    assert [windmill.ended(run)["result"] for run in runs] == [BOX, ELSEWHERE]
    asked = windmill.start_script("f/tags/here", tag="box")
    assert windmill.ended(asked)["result"] == BOX


STEPS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "by that of its script": ({"type": "script", "path": "f/tags/box"}, BOX),
    "by another for this step": ({**HERE, "tag_override": "box"}, BOX),
    "by that of its inline code": (
        {"type": "rawscript", "language": "python3", "content": WHERE, "tag": "box"},
        BOX,
    ),
    "where all steps without one do": (HERE, ELSEWHERE),
}


@pytest.mark.parametrize("case", STEPS)
def test_a_step_of_a_flow_runs(windmill: Windmill, case: str) -> None:
    step, where = STEPS[case]
    assert found(windmill, step) == where


def test_the_tag_that_a_flow_is_started_with_is_that_of_every_step_below_it(
    windmill: Windmill,
) -> None:
    loop = {"type": "forloopflow", "iterator": {"type": "static", "value": [1]}}
    flow = {"type": "flow", "path": "f/tags/sub"}
    body = loop | {"modules": [{"id": "b", "value": flow}]}
    assert found(windmill, body, tag="box") == [BOX]
    assert found(windmill, body) == [ELSEWHERE]


def test_a_job_whose_tag_nobody_listens_to_waits(windmill: Windmill) -> None:
    flow = {"modules": [{"id": "a", "value": {**HERE, "tag_override": "nobody"}}]}
    waiting = windmill.start_flow(flow), windmill.start_flow(flow, tag="nobody")
    assert found(windmill, HERE) == ELSEWHERE  # all that was due has been looked at
    states = [windmill.job(run)["flow_status"]["modules"][0]["type"] for run in waiting]
    assert states == ["WaitingForExecutor", "WaitingForPriorSteps"]
    for run in waiting:
        windmill.post(f"/jobs_u/queue/cancel/{run}", {"reason": "nobody listens"})
        assert windmill.ended(run)["result"]["error"]["name"] == "Canceled"


def test_the_worker_of_a_tag_does_one_thing_at_a_time(windmill: Windmill) -> None:
    content = "import time\ndef main():\n    start = time.time()\n    time.sleep(0.05)\n"
    windmill.script("f/tags/slow", content + "    return [start, time.time()]\n", tag="box")
    runs = [windmill.start_script("f/tags/slow") for _ in range(3)]
    times = sorted(windmill.ended(run)["result"] for run in runs)
    assert all(before[1] <= after[0] for before, after in pairwise(times))


def test_the_list_of_workers_names_tags_and_groups(windmill: Windmill) -> None:
    workers = windmill.http.get(f"{windmill.url}/api/workers/list").json()
    assert ("box", ["box"]) in [(each["worker_group"], each["custom_tags"]) for each in workers]
    asked = f"{windmill.url}/api/workers/exists_worker_with_tag"
    listened = [windmill.http.get(asked, params={"tag": tag}).json() for tag in ("box", "nobody")]
    assert listened == [True, False]


@pytest.mark.parametrize("value", [{**HERE, "tag_override": "$args[x]"}])
def test_a_tag_that_depends_on_arguments_is_refused(
    windmill: Windmill, value: dict[str, Any]
) -> None:
    flow = {"value": {"modules": [{"id": "a", "value": value}]}, "args": {}}
    answer = windmill.http.post("/jobs/run/preview_flow", json=flow)
    assert answer.status_code >= 400
    assert "tags that depend on arguments" in answer.text
