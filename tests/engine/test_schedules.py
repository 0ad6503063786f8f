"""Schedules over the API; when they fire is in test_firing.py."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.slow
Doc = dict[str, Any]
SCRIPT = "def main(n=0):\n    return n\n"


@pytest.fixture
def path(windmill: Any, unique: str) -> Iterator[str]:
    """Of a script; a schedule that a test makes there is gone after it."""
    windmill.script(f"f/x/{unique}", SCRIPT)
    yield f"f/x/{unique}"
    windmill.http.delete(f"/schedules/delete/f/x/{unique}")


def schedule(path: str, **more: Any) -> Doc:
    base = {"path": path, "schedule": "0 0 3 * * *", "timezone": "Europe/Paris"}
    return base | {"script_path": path, "is_flow": False, "args": {"n": 5}, "enabled": True} | more


def post(windmill: Any, where: str, body: Doc) -> httpx.Response:
    answer: httpx.Response = windmill.http.post(f"/schedules/{where}", json=body)
    return answer


def queued(windmill: Any, path: str) -> list[Doc]:
    found: list[Doc] = windmill.get("/jobs/queue/list", script_path_exact=path)
    return found


def test_a_schedule_is_kept_and_shown(windmill: Any, path: str) -> None:
    assert not windmill.get(f"/schedules/exists/{path}")
    made = post(windmill, "create", schedule(path, summary="Nightly", tag=None))
    assert (made.status_code, made.text) == (200, path)
    assert windmill.get(f"/schedules/exists/{path}")
    shown = windmill.get(f"/schedules/get/{path}")
    assert {key: shown[key] for key in schedule(path)} == schedule(path)
    assert (shown["summary"], shown["no_flow_overlap"]) == ("Nightly", False)
    assert shown["cron_version"] == "v2"
    assert not {"error", "description", "on_failure", "retry"} & shown.keys()
    (row,) = windmill.get("/schedules/list", path_start=path)
    assert (row["path"], row["schedule"], row["enabled"]) == (path, "0 0 3 * * *", True)
    assert "args" not in row


def test_the_next_run_stands_in_the_queue(windmill: Any, path: str) -> None:
    post(windmill, "create", schedule(path))
    (job,) = queued(windmill, path)
    assert (job["schedule_path"], job["running"]) == (path, False)
    assert job["created_by"] == f"schedule-{path.replace('/', '-')}"
    assert windmill.job(job["id"])["args"] == {"n": 5}
    assert job["scheduled_for"][11:19] in ("01:00:00", "02:00:00")


def test_an_edit_leaves_what_it_starts_and_whether_it_is_enabled(windmill: Any, path: str) -> None:
    post(windmill, "create", schedule(path, summary="Nightly"))
    body = {"schedule": "0 30 4 * * *", "timezone": "UTC", "args": {}, "no_flow_overlap": True}
    edited = post(
        windmill, f"update/{path}", body | {"enabled": False, "script_path": "f/no/thing"}
    )
    assert (edited.status_code, edited.text) == (200, path)
    shown = windmill.get(f"/schedules/get/{path}")
    assert (shown["schedule"], shown["timezone"], shown["args"]) == ("0 30 4 * * *", "UTC", {})
    assert (shown["enabled"], shown["script_path"], shown["no_flow_overlap"]) == (True, path, True)
    assert "summary" not in shown
    (job,) = queued(windmill, path)
    assert job["scheduled_for"][11:19] == "04:30:00"


def test_a_schedule_is_disabled_enabled_and_deleted(windmill: Any, path: str) -> None:
    post(windmill, "create", schedule(path, enabled=False))
    assert queued(windmill, path) == []
    told = post(windmill, f"setenabled/{path}", {"enabled": True})
    assert told.text == f"succesfully updated schedule at path {path} to status true"
    assert len(queued(windmill, path)) == 1
    post(windmill, f"setenabled/{path}", {"enabled": False})
    assert queued(windmill, path) == []
    assert windmill.get(f"/schedules/get/{path}")["enabled"] is False
    gone = windmill.http.delete(f"/schedules/delete/{path}")
    assert (gone.status_code, gone.text) == (200, f"schedule {path} deleted")
    assert windmill.http.get(f"/schedules/get/{path}").status_code == 404
    assert windmill.http.delete(f"/schedules/delete/{path}").status_code == 404
    assert post(windmill, f"setenabled/{path}", {"enabled": True}).status_code == 404


REFUSED = [
    ({"schedule": "0 3 * * *", "cron_version": "v2"}, "cron"),
    ({"schedule": "nonsense"}, "cron"),
    ({"timezone": "Mars/Olympus"}, ""),
    ({"args": [1]}, ""),
    ({"on_recovery": "script/f/x/handler"}, "on_recovery"),
    ({"on_success": "script/f/x/handler"}, "on_success"),
    ({"on_recovery": "script/f/x/handler"}, "on_recovery"),
]


@pytest.mark.parametrize(("wrong", "why"), REFUSED, ids=[json.dumps(case[0]) for case in REFUSED])
def test_a_schedule_is_refused(windmill: Any, path: str, wrong: Doc, why: str) -> None:
    answer = post(windmill, "create", schedule(path) | wrong)
    assert 400 <= answer.status_code < 500
    assert why in answer.text
    assert not windmill.get(f"/schedules/exists/{path}")


NOT_HERE: list[Doc] = [
    {"on_failure": "script/f/x/handler"},
    {"retry": {"constant": {"attempts": 2, "seconds": 1}}},
    {"dynamic_skip": "f/x/skip"},
    {"cron_version": "v1"},
]


@pytest.mark.parametrize("field", NOT_HERE, ids=[" ".join(field) for field in NOT_HERE])
def test_what_the_embedded_engine_does_not_do_is_refused_by_name(
    request: pytest.FixtureRequest, windmill: Any, path: str, field: Doc
) -> None:
    if request.config.getoption("--windmill-url", default=None):
        field = {"on_recovery": "script/f/x/handler"}  # what a community server refuses itself
    (name,) = field
    answer = post(windmill, "create", schedule(path) | field)
    assert (answer.status_code, name in answer.text) == (400, True)


def test_a_path_is_scheduled_once_and_only_where_something_is(windmill: Any, path: str) -> None:
    assert post(windmill, "create", schedule(path, script_path="f/no/thing")).status_code == 404
    assert post(windmill, "create", schedule(path)).status_code == 200
    again = post(windmill, "create", schedule(path))
    assert (again.status_code, "already exists" in again.text) == (400, True)


def test_a_schedule_with_the_name_of_a_flow_starts_that_flow_only(windmill: Any, path: str) -> None:
    windmill.flow(f"{path}_flow", {"modules": [{"id": "a", "value": {"type": "identity"}}]})
    wrong = post(windmill, "create", schedule(f"{path}_flow", script_path=path))
    assert (wrong.status_code, "same as a flow" in wrong.text) == (400, True)


def test_a_preview_names_the_next_five_times(windmill: Any) -> None:
    body = {"schedule": "0 0 12 * * *", "timezone": "UTC", "cron_version": "v2"}
    headers = {"Authorization": f"Bearer {windmill.token}"}
    told = httpx.post(f"{windmill.url}/api/schedules/preview", json=body, headers=headers).json()
    assert [moment[11:19] for moment in told] == ["12:00:00"] * 5
    assert told == sorted(set(told))


def test_a_schedule_fires(windmill: Any, path: str) -> None:
    """In real time: a script and a flow, each second, until both ran twice."""
    flow = f"{path}_flow"
    windmill.flow(flow, {"modules": [{"id": "a", "value": {"type": "identity"}}]})
    started = time.time()
    for each, is_flow in ((path, False), (flow, True)):
        every_second = {"schedule": "* * * * * *", "script_path": each, "is_flow": is_flow}
        post(windmill, "create", schedule(each) | every_second).raise_for_status()
    try:
        for each in (path, flow):
            runs = fired(windmill, each)
            assert all(job["success"] and job["schedule_path"] == each for job in runs)
            due = [job["created_by"] for job in runs]
            assert due == [f"schedule-{each.replace('/', '-')}"] * len(runs)
    finally:
        for each in (path, flow):
            windmill.http.delete(f"/schedules/delete/{each}")
    assert time.time() - started > 1


def fired(windmill: Any, path: str) -> list[Doc]:
    deadline = time.monotonic() + 30
    while len(runs := windmill.get("/jobs/completed/list", script_path_exact=path)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    found: list[Doc] = runs
    return found
