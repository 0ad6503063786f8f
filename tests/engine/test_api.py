"""Answers of the API: what it refuses and how, and what its lists filter."""

import hashlib
import json
import uuid
from typing import Any

import httpx
import pytest

NEW_SCRIPT = {"content": "def main(): pass", "language": "python3", "summary": ""}
IDENTITY = {"modules": [{"id": "a", "value": {"type": "identity"}}]}


@pytest.mark.parametrize("path", ["/api/version", "/api/health/status"])
def test_what_is_open_to_all(windmill: Any, path: str) -> None:
    assert httpx.get(windmill.url + path).status_code == 200


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}]
)
def test_everything_else_needs_a_token(windmill: Any, header: dict[str, str]) -> None:
    answer = httpx.get(f"{windmill.url}/api/w/mlops/scripts/list", headers=header)
    assert answer.status_code == 401


def test_a_token_may_be_in_the_query(windmill: Any) -> None:
    url = f"{windmill.url}/api/w/mlops/scripts/list"
    assert httpx.get(url, params={"token": windmill.token}).status_code == 200


def test_an_unknown_route_is_named(windmill: Any) -> None:
    answer = windmill.http.get("/scripts/conjure")
    assert answer.status_code == 404
    assert "/api/w/mlops/scripts/conjure" in answer.text


def test_another_workspace_is_not_found(windmill: Any) -> None:
    headers = {"Authorization": f"Bearer {windmill.token}"}
    answer = httpx.get(f"{windmill.url}/api/w/other/scripts/list", headers=headers)
    assert (answer.status_code, "other" in answer.text) == (404, True)


MALFORMED = [
    ("/scripts/create", b"{", "not JSON"),
    ("/scripts/create", b"[]", "object"),
    ("/scripts/create", b"{}", "path"),
    ("/scripts/create", json.dumps(NEW_SCRIPT | {"path": "no-folder"}).encode(), "f/folder/name"),
    ("/scripts/create", json.dumps(NEW_SCRIPT | {"path": "f/a/../b"}).encode(), "f/folder/name"),
    ("/scripts/create", json.dumps(NEW_SCRIPT | {"path": 5}).encode(), "`path` must be str"),
    (
        "/scripts/create",
        json.dumps(NEW_SCRIPT | {"path": "f/a/b", "language": "bun"}).encode(),
        "python3",
    ),
    (
        "/variables/create",
        b'{"path": "f/a/b", "value": 5, "is_secret": false}',
        "`value` must be str",
    ),
    ("/resources/create", b'{"path": "f/a/b"}', "resource_type"),
    ("/folders/create", b'{"name": "a/b"}', "a/b"),
    ("/jobs/run/preview", b'{"content": "", "args": [1]}', "args"),
    ("/jobs/run/preview_flow?job_id=x", b'{"value": {"modules": []}}', "job_id"),
    (
        "/jobs/run/preview_flow?scheduled_in_secs=soon",
        b'{"value": {"modules": []}}',
        "scheduled_in_secs",
    ),
    ("/scripts/raw_temp/diff", b"{}", "scripts"),
    ("/scripts/create", b"[" * 100_000, "JSON"),
    ("/scripts/create", b"\xff\xfe", "JSON"),
]


@pytest.mark.parametrize(("path", "body", "says"), MALFORMED)
def test_a_malformed_request_is_told_why(windmill: Any, path: str, body: bytes, says: str) -> None:
    answer = windmill.http.post(path, content=body)
    assert answer.status_code == 400, answer.text
    assert says in answer.text
    assert "Traceback" not in answer.text


NOBODY = "00000000-0000-4000-8000-00000000dead"
UNKNOWN = [
    ("GET", "/scripts/get/p/f/no/thing"),
    ("GET", "/scripts/get/h/0123456789abcdef"),
    ("GET", "/scripts/raw/p/f/no/thing.py"),
    ("GET", "/scripts/history/p/f/no/thing"),
    ("POST", "/scripts/archive/p/f/no/thing"),
    ("POST", "/scripts/delete/p/f/no/thing"),
    ("GET", "/flows/get/f/no/thing"),
    ("DELETE", "/flows/delete/f/no/thing"),
    ("GET", "/folders/get/nothing"),
    ("GET", "/resources/get/f/no/thing"),
    ("GET", "/resources/type/get/nothing"),
    ("GET", "/resources/get_value_interpolated/f/no/thing"),
    ("GET", "/variables/get/f/no/thing"),
    ("GET", "/variables/get_value/f/no/thing"),
    ("POST", "/jobs/run/p/f/no/thing"),
    ("POST", "/jobs/run/f/f/no/thing"),
    ("POST", "/jobs/run/h/0123456789abcdef"),
    ("GET", f"/jobs_u/get/{NOBODY}"),
    ("GET", "/jobs_u/get/not-a-uuid"),
    ("GET", f"/jobs_u/completed/get_result_maybe/{NOBODY}"),
    ("GET", f"/jobs_u/getupdate/{NOBODY}"),
    ("POST", f"/jobs_u/queue/cancel/{NOBODY}"),
    ("GET", f"/jobs/resume_urls/{NOBODY}/1"),
    ("GET", f"/job_metrics/get_progress/{NOBODY}"),
    ("GET", f"/jobs/flow/user_states/{NOBODY}/k"),
]


@pytest.mark.parametrize(("method", "path"), UNKNOWN)
def test_what_is_not_there_is_404(windmill: Any, method: str, path: str) -> None:
    answer = windmill.http.request(method, path)
    assert answer.status_code == 404
    assert answer.text.startswith("Not found")


UNSUPPORTED = [
    ({"type": "aiagent"}, "aiagent"),
    ({"type": "rawscript", "language": "bun", "content": ""}, "bun"),
    ({"type": "rawscript", "language": "python3"}, "content"),
    ({"type": "script", "path": "f/a/b", "input_transforms": {"x": {"type": "ai"}}}, "'ai'"),
    (
        {"type": "forloopflow", "modules": [], "iterator": {"type": "static"}, "squash": True},
        "squash",
    ),
    ({"type": "branchone", "branches": []}, "default"),
    ({"type": "branchall", "branches": [{}]}, "modules"),
    (
        {"type": "forloopflow", "modules": [], "iterator": {"type": "static"}, "parallelism": 0},
        "parallelism",
    ),
]


@pytest.mark.parametrize(("value", "says"), UNSUPPORTED)
def test_a_flow_that_cannot_be_honoured_is_refused(
    windmill: Any, unique: str, value: dict[str, Any], says: str
) -> None:
    flow = {"modules": [{"id": "here", "value": value}]}
    answer = windmill.http.post(
        "/flows/create", json={"path": f"f/x/{unique}", "summary": "", "value": flow}
    )
    assert answer.status_code == 400
    assert says in answer.text
    assert "here" in answer.text


def test_a_key_of_a_flow_that_cannot_be_honoured_is_refused(windmill: Any, unique: str) -> None:
    body = {"path": f"f/x/{unique}", "summary": "", "value": IDENTITY | {"delete_after_secs": 1}}
    answer = windmill.http.post("/flows/create", json=body)
    assert (answer.status_code, "delete_after_secs" in answer.text) == (400, True)
    body["value"] = IDENTITY | {"delete_after_secs": None}
    assert windmill.http.post("/flows/create", json=body).status_code == 201


def test_a_loop_cannot_be_a_failure_module(windmill: Any) -> None:
    loop = {"type": "forloopflow", "modules": [], "iterator": {"type": "static", "value": []}}
    value = IDENTITY | {"failure_module": {"id": "failure", "value": loop}}
    answer = windmill.http.post("/jobs/run/preview_flow", json={"value": value})
    assert (answer.status_code, "never end" in answer.text) == (400, True)


def test_a_deployed_flow_is_kept_in_the_server_s_form(windmill: Any, unique: str) -> None:
    """Windmill says of a deployed flow what was left out; the official CLI compares with that."""
    body = [{"id": "x", "value": {"type": "identity"}}]
    branches, iterator = [{"modules": body}], {"type": "static", "value": [1]}
    loop = {"type": "forloopflow", "modules": body, "iterator": iterator, "parallelism": 2}
    modules = [
        {
            "id": "one",
            "value": {"type": "branchone", "branches": [{"modules": body}], "default": body},
        },
        {"id": "all", "value": {"type": "branchall", "branches": branches}},
        {"id": "loop", "value": loop},
    ]
    windmill.flow(f"f/x/{unique}", {"modules": modules})
    one, every, kept = (
        module["value"] for module in windmill.get(f"/flows/get/f/x/{unique}")["value"]["modules"]
    )
    assert one["branches"] == [{"parallel": True, "skip_failure": True, "modules": body}]
    said = {"expr": "", "parallel": True, "skip_failure": True}
    assert every["branches"] == [{**said, "modules": body}]
    assert kept["parallelism"] == {"type": "static", "value": 2}


def test_the_very_same_script_is_refused_unless_it_may_be_a_no_op(
    windmill: Any, unique: str
) -> None:
    body = NEW_SCRIPT | {"path": f"f/x/{unique}", "auto_parent": True}
    first = windmill.http.post("/scripts/create", json=body)
    again = windmill.http.post("/scripts/create", json=body)
    noop = windmill.http.post("/scripts/create?skip_if_noop=true", json=body)
    assert (again.status_code, "same hash" in again.text) == (400, True)
    assert (noop.status_code, noop.text) == (201, first.text)


def test_a_script_version_needs_the_head_as_its_parent(windmill: Any, unique: str) -> None:
    def create(content: str, **more: Any) -> httpx.Response:
        body = NEW_SCRIPT | {"path": f"f/x/{unique}", "content": content, **more}
        answer: httpx.Response = windmill.http.post("/scripts/create", json=body)
        return answer

    first = create("def main(): return 1").text
    assert "Path conflict" in create("def main(): return 2").text
    second = create("def main(): return 2", parent_hash=first).text
    assert create("def main(): return 3", parent_hash=first).status_code == 400
    third = create("def main(): return 3", auto_parent=True).text
    assert len({first, second, third}) == 3
    assert windmill.get(f"/scripts/get/p/f/x/{unique}")["hash"] == third
    history = [
        version["script_hash"] for version in windmill.get(f"/scripts/history/p/f/x/{unique}")
    ]
    assert history == [third, second, first]
    old = windmill.ended(windmill.post(f"/jobs/run/h/{first}", {}))
    assert old["result"] == 1


def test_an_identical_script_makes_no_new_version(windmill: Any, unique: str) -> None:
    body = NEW_SCRIPT | {"path": f"f/x/{unique}", "schema": {"type": "object"}}
    first = windmill.post("/scripts/create", body, skip_if_noop=True)
    again = body | {"parent_hash": first, "deployment_message": "nothing"}
    assert windmill.post("/scripts/create", again, skip_if_noop=True) == first
    changed = windmill.post("/scripts/create", again | {"summary": "new"}, skip_if_noop=True)
    assert changed != first


def test_archived_scripts_leave_the_lists_and_may_come_back(windmill: Any, unique: str) -> None:
    path = f"f/x/{unique}"
    hash_ = windmill.script(path, "def main(): return 1")
    windmill.post(f"/scripts/archive/p/{path}")
    assert not windmill.get(f"/scripts/exists/p/{path}")
    assert path not in windmill.get("/scripts/list_paths")
    assert windmill.http.get(f"/scripts/raw/p/{path}.py").status_code == 404
    assert windmill.get(f"/scripts/get/h/{hash_}")["archived"]
    windmill.script(path, "def main(): return 1")
    assert windmill.get("/scripts/list", path_exact=path)[0]["archived"] is False


def test_a_folder_of_scripts_is_told_from_nothing(windmill: Any, unique: str) -> None:
    windmill.script(f"f/{unique}/deep/one", "x = 1")
    read = windmill.http.get
    assert (
        read(f"/scripts/raw/p/f/{unique}/deep.py", params={"cache_folders": "true"}).text
        == "WINDMILL_IS_FOLDER"
    )
    assert read(f"/scripts/raw/p/f/{unique}/deep.py").status_code == 404
    assert (
        read(f"/scripts/raw/p/f/{unique}/dee.py", params={"cache_folders": "true"}).status_code
        == 404
    )


def test_diff_names_what_differs(windmill: Any, unique: str) -> None:
    windmill.script(f"f/x/{unique}", "x = 1")
    digest = hashlib.sha256(b"x = 1").hexdigest()
    body = {"scripts": {f"f/x/{unique}": digest, "f/no/thing": digest}, "workspace_deps": []}
    assert json.loads(windmill.post("/scripts/raw_temp/diff", body)) == ["f/no/thing"]


def test_flows_are_versioned_renamed_and_archived(windmill: Any, unique: str) -> None:
    path = f"f/x/{unique}"
    windmill.flow(path, IDENTITY)
    assert (
        windmill.http.post("/flows/create", json={"path": path, "value": IDENTITY}).status_code
        == 400
    )
    windmill.flow(path, IDENTITY | {"flow_env": {"A": "b"}})
    assert len(windmill.get(f"/flows/history/p/{path}")) == 2
    windmill.post(
        f"/flows/update/{path}", {"path": f"{path}_new", "summary": "s", "value": IDENTITY}
    )
    assert not windmill.get(f"/flows/exists/{path}")
    assert windmill.get(f"/flows/get/{path}_new")["summary"] == "s"
    windmill.post(f"/flows/archive/{path}_new", {"archived": True})
    assert f"{path}_new" not in windmill.get("/flows/list_paths")
    windmill.http.delete(f"/flows/delete/{path}_new").raise_for_status()


def test_secrets_are_shown_only_when_asked_for(windmill: Any, unique: str) -> None:
    path = f"u/admin/{unique}"
    body = {"path": path, "value": "canary-value", "is_secret": True, "description": ""}
    windmill.post("/variables/create", body)
    assert windmill.get(f"/variables/get/{path}")["value"] is None
    assert "canary-value" not in json.dumps(windmill.get("/variables/list"))
    assert windmill.get(f"/variables/get/{path}", decrypt_secret="true")["value"] == "canary-value"
    assert windmill.get(f"/variables/get_value/{path}") == "canary-value"
    windmill.post(f"/variables/update/{path}", {"description": "changed"})
    assert windmill.get(f"/variables/get_value/{path}") == "canary-value"


def test_resources_are_created_updated_renamed_and_deleted(windmill: Any, unique: str) -> None:
    path = f"f/x/{unique}"
    body = {"path": path, "value": {"a": 1}, "resource_type": unique}
    windmill.post("/resources/create", body)
    assert windmill.http.post("/resources/create", json=body).status_code == 400
    windmill.post("/resources/create", body | {"value": {"a": 2}}, update_if_exists=True)
    windmill.post(f"/resources/update_value/{path}", {"value": {"a": 3}})
    windmill.post(f"/resources/update/{path}", {"path": f"{path}_new", "description": "d"})
    listed = windmill.get("/resources/list", resource_type=unique)
    # A list has no values in it, as Windmill's has none.
    assert [(r["path"], r["value"], r["description"]) for r in listed] == [
        (f"{path}_new", None, "d")
    ]
    assert windmill.get(f"/resources/get_value/{path}_new") == {"a": 3}
    windmill.http.delete(f"/resources/delete/{path}_new").raise_for_status()
    assert not windmill.get(f"/resources/exists/{path}_new")


def test_a_circle_of_references_ends(windmill: Any, unique: str) -> None:
    path = f"f/x/{unique}"
    windmill.post(
        "/resources/create", {"path": path, "value": {"me": f"$res:{path}"}, "resource_type": "any"}
    )
    assert windmill.http.get(f"/resources/get_value_interpolated/{path}").status_code == 404


def test_folders_and_resource_types(windmill: Any, unique: str) -> None:
    windmill.post("/folders/create", {"name": unique, "summary": "s"})
    assert windmill.http.post("/folders/create", json={"name": unique}).status_code == 400
    windmill.post(f"/folders/update/{unique}", {"summary": "t"})
    assert windmill.get(f"/folders/get/{unique}")["summary"] == "t"
    assert unique in windmill.get("/folders/listnames")
    windmill.post("/resources/type/create", {"name": unique, "schema": {"a": 1}, "description": ""})
    windmill.post(f"/resources/type/update/{unique}", {"schema": {"a": 2}})
    assert windmill.get(f"/resources/type/get/{unique}")["schema"] == {"a": 2}
    windmill.http.delete(f"/folders/delete/{unique}").raise_for_status()
    windmill.http.delete(f"/resources/type/delete/{unique}").raise_for_status()
    assert not windmill.get(f"/folders/exists/{unique}")
    assert not windmill.get(f"/resources/type/exists/{unique}")


def test_a_job_id_can_be_used_once(windmill: Any) -> None:
    job_id = str(uuid.uuid4())
    assert windmill.start_flow(IDENTITY, job_id=job_id) == job_id
    again = windmill.http.post(
        "/jobs/run/preview_flow", json={"value": IDENTITY}, params={"job_id": job_id}
    )
    assert (again.status_code, "already exists" in again.text) == (400, True)


def test_waiting_for_a_result_answers_with_it_or_with_its_error(windmill: Any, unique: str) -> None:
    windmill.script(f"f/x/{unique}", "def main(n): return 1 / n")
    windmill.flow(f"f/x/{unique}_flow", IDENTITY)
    wait = "/jobs/run_wait_result"
    good = windmill.http.post(f"{wait}/p/f/x/{unique}", json={"n": 2})
    bad = windmill.http.post(f"{wait}/p/f/x/{unique}", json={"n": 0})
    flow = windmill.http.post(f"{wait}/f/f/x/{unique}_flow", json=[1, 2])
    assert (good.status_code, good.json()) == (200, 0.5)
    assert (bad.status_code, bad.json()["error"]["name"]) == (422, "ZeroDivisionError")
    assert (flow.status_code, flow.json()) == (200, {"body": [1, 2]})


def test_lists_filter_by_path_state_arguments_and_page(windmill: Any, unique: str) -> None:
    windmill.script(f"f/{unique}/ok", "def main(n, tags=None): return n")
    windmill.script(f"f/{unique}/bad", "def main(): raise ValueError")
    for n in range(3):
        windmill.ended(windmill.start_script(f"f/{unique}/ok", {"n": n, "tags": ["a", {"k": n}]}))
    windmill.ended(windmill.start_script(f"f/{unique}/bad"))

    def listed(where: str = "/jobs/list", **query: Any) -> list[Any]:
        found = windmill.get(where, script_path_start=f"f/{unique}/", **query)
        return [job["args"].get("n") for job in found]

    assert listed() == [None, 2, 1, 0]
    assert listed(order_desc="false") == [0, 1, 2, None]
    assert listed(per_page=2, page=2) == [1, 0]
    assert listed(success="false") == [None]
    assert listed(script_path_exact=f"f/{unique}/bad") == [None]
    assert listed(args=json.dumps({"n": 1})) == [1]
    assert listed(args=json.dumps({"tags": [{"k": 2}]})) == [2]
    assert listed(job_kinds="flow,preview") == []
    assert listed(running="true") == []
    assert listed(created_before="2020-01-01T00:00:00Z") == []
    assert listed(created_after="2020-01-01T00:00:00Z", success="true") == [2, 1, 0]
    assert listed("/jobs/completed/list") == [None, 2, 1, 0]
    assert listed("/jobs/queue/list") == []
    assert windmill.http.get("/jobs/list", params={"args": "{"}).status_code == 400
    assert windmill.http.get("/jobs/list", params={"running": "maybe"}).status_code == 400


def test_a_scheduled_job_waits_in_the_queue_and_can_be_cancelled(
    windmill: Any, unique: str
) -> None:
    windmill.script(f"f/x/{unique}", "def main(): pass")
    job_id = windmill.start_script(f"f/x/{unique}", scheduled_in_secs=3600)
    job = windmill.job(job_id)
    assert (job["type"], job["running"]) == ("QueuedJob", False)
    assert [
        j["id"] for j in windmill.get("/jobs/queue/list", script_path_exact=f"f/x/{unique}")
    ] == [job_id]
    assert windmill.get("/jobs/queue/count")["database_length"] >= 1
    maybe = windmill.get(f"/jobs_u/completed/get_result_maybe/{job_id}")
    assert maybe == {"completed": False, "result": None, "success": None, "started": False}
    assert windmill.http.get(f"/jobs_u/completed/get/{job_id}").status_code == 404
    windmill.post(f"/jobs_u/queue/cancel/{job_id}", {"reason": "no"})
    assert windmill.ended(job_id)["canceled_reason"] == "no"


def test_cancelling_a_flow_ends_its_steps(windmill: Any, raw: Any) -> None:
    sleeper = raw("import time\ndef main():\n    print('on', flush=True)\n    time.sleep(60)\n")
    body = {
        "type": "forloopflow",
        "parallel": True,
        "iterator": {"type": "static", "value": [1, 2, 3, 4, 5]},
        "modules": [{"id": "s", "value": sleeper}],
    }
    failure = {"id": "failure", "value": {"type": "identity"}}
    flow = windmill.start_flow({"modules": [{"id": "l", "value": body}], "failure_module": failure})
    windmill.until(
        flow, lambda job: any(child["running"] for id, child in windmill.steps(job) if id == "s")
    )
    windmill.post(f"/jobs_u/queue/cancel/{flow}", {"reason": "enough"})
    job = windmill.ended(flow)
    assert job["canceled_reason"] == "enough"
    assert job["result"]["error"]["name"] == "Canceled"
    tree = list(windmill.tree(flow))
    assert all(child["type"] == "CompletedJob" and child["canceled"] for child in tree)
    assert "failure" not in dict(windmill.steps(job))


def test_updates_stream_until_the_end(windmill: Any) -> None:
    body = {"content": "def main():\n    print('hello')\n    return 7\n", "language": "python3"}
    job_id = windmill.post("/jobs/run/preview", body)
    with windmill.http.stream(
        "GET", f"/jobs_u/getupdate_sse/{job_id}", params={"fast": "true"}
    ) as stream:
        events = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]
    assert {event["type"] for event in events} <= {"update", "ping"}
    assert "hello" in "".join(event.get("new_logs", "") for event in events)
    assert events[-1]["job"]["result"] == 7


def test_results_and_logs_of_a_flow_s_steps(windmill: Any, raw: Any) -> None:
    modules = [{"id": "a", "value": raw("def main():\n    print('from a')\n    return 5\n")}]
    flow = windmill.run_flow({"modules": modules})
    assert windmill.get(f"/jobs/result_by_id/{flow['id']}/a") == 5
    assert "from a" in windmill.http.get(f"/jobs_u/get_flow_all_logs/{flow['id']}").text
    step = flow["flow_status"]["modules"][0]["job"]
    assert windmill.get(f"/jobs_u/get_root_job_id/{step}") == flow["id"]
    view = windmill.job(step)
    assert (view["parent_job"], view["success"]) == (flow["id"], True)
    assert view["duration_ms"] >= 0
