from typing import Any

import httpx
import pytest


def approval(raw: Any, **settings: Any) -> dict[str, Any]:
    code = "def main(resume, resumes, approvers):\n    return [resume, resumes, approvers]\n"
    told = raw(code, resume="=resume", resumes="=resumes", approvers="=approvers")
    asks = {
        "id": "ask",
        "suspend": {"required_events": 1, **settings},
        "value": {"type": "identity"},
    }
    return {"modules": [asks, {"id": "told", "value": told}]}


def suspended(windmill: Any, flow: dict[str, Any]) -> tuple[str, str]:
    """The flow and the job of the step that asks."""
    job = windmill.until(windmill.start_flow(flow), lambda job: job.get("suspend"))
    waiting = job["flow_status"]["modules"][1]
    assert waiting["type"] == "WaitingForEvents"
    assert job["running"]
    return job["id"], waiting["job"]


def urls(windmill: Any, step: str, nonce: int = 1, approver: str = "ann") -> dict[str, str]:
    found: dict[str, str] = windmill.get(f"/jobs/resume_urls/{step}/{nonce}", approver=approver)
    return found


def test_a_link_resumes_with_its_payload_and_needs_no_token(windmill: Any, raw: Any) -> None:
    flow, step = suspended(windmill, approval(raw))
    answer = httpx.post(urls(windmill, step)["resume"], json={"price": 3})
    assert answer.status_code == 201
    job = windmill.ended(flow)
    assert job["result"] == [{"price": 3}, [{"price": 3}], ["ann"]]
    approvers = job["flow_status"]["modules"][0]["approvers"]
    assert approvers == [{"resume_id": 1, "approver": "ann"}]


def test_several_events_are_waited_for_and_the_same_link_counts_once(
    windmill: Any, raw: Any
) -> None:
    flow, step = suspended(windmill, approval(raw, required_events=2))
    for _ in range(2):
        httpx.post(urls(windmill, step)["resume"], json={"n": 1})
    assert windmill.until(flow, lambda job: job["suspend"] == 1)
    httpx.post(urls(windmill, step, 2, "bob")["resume"], json={"n": 2})
    assert windmill.ended(flow)["result"] == [{"n": 2}, [{"n": 1}, {"n": 2}], ["ann", "bob"]]


def test_a_refusal_fails_the_flow_and_its_failure_module_is_told(windmill: Any, raw: Any) -> None:
    value = approval(raw) | {"failure_module": {"id": "failure", "value": {"type": "identity"}}}
    flow, step = suspended(windmill, value)
    httpx.get(urls(windmill, step)["cancel"])
    job = windmill.ended(flow)
    assert job["result"]["error"]["name"] == "SuspendedDisapproved"
    assert "ann" in job["result"]["error"]["message"]
    assert job["flow_status"]["modules"][1]["type"] == "Failure"
    assert job["flow_status"]["failure_module"]["type"] == "Success"


def test_a_refusal_may_be_told_to_continue(windmill: Any, raw: Any) -> None:
    flow, step = suspended(windmill, approval(raw, continue_on_disapprove_timeout=True))
    httpx.post(urls(windmill, step)["cancel"], json={"no": True})
    verdict, answers, approvers = windmill.ended(flow)["result"]
    assert verdict["error"] == {"name": "SuspendedDisapproved", "message": "Disapproved by ann"}
    assert (answers, approvers) == ([{"no": True}, verdict], ["ann"])


def test_going_on_after_nobody_answered_is_told_as_an_answer(windmill: Any, raw: Any) -> None:
    late = approval(raw, timeout=1, continue_on_disapprove_timeout=True)
    verdict, answers, approvers = windmill.run_flow(late)["result"]
    assert verdict["error"]["name"] == "SuspendedTimedOut"
    assert (answers, approvers) == ([verdict], [])


def test_an_answer_is_json_or_nothing(windmill: Any, raw: Any) -> None:
    flow, step = suspended(windmill, approval(raw))
    assert httpx.post(urls(windmill, step)["resume"]).status_code == 415
    assert httpx.get(urls(windmill, step)["resume"]).status_code == 201
    assert windmill.ended(flow)["result"] == [None, [None], ["ann"]]


def test_who_is_logged_in_is_the_approver(windmill: Any, raw: Any) -> None:
    flow, step = suspended(windmill, approval(raw))
    link = windmill.get(f"/jobs/resume_urls/{step}/1")["resume"]
    windmill.http.post(link, json=1).raise_for_status()
    assert windmill.ended(flow)["result"] == [1, [1], ["admin"]]


def test_an_owner_s_answer_counts_once(windmill: Any, raw: Any) -> None:
    flow, step = suspended(windmill, approval(raw, required_events=2))
    for n in (1, 2):
        windmill.post(f"/jobs/flow/resume/{flow}", n)
    assert windmill.until(flow, lambda job: job["suspend"] == 1)
    httpx.post(urls(windmill, step)["resume"], json=3)
    assert windmill.ended(flow)["result"] == [3, [1, 3], ["admin", "ann"]]


def test_without_required_events_nobody_is_waited_for(windmill: Any, raw: Any) -> None:
    flow = approval(raw)
    flow["modules"][0]["suspend"] = {}
    assert windmill.run_flow(flow)["result"] == [None, [], []]


def test_an_approval_nobody_gives_times_out(windmill: Any, raw: Any) -> None:
    job = windmill.run_flow(approval(raw, timeout=0.1))
    assert job["result"]["error"]["name"] == "SuspendedTimedOut"


def test_an_approval_may_come_before_it_is_waited_for(windmill: Any, raw: Any) -> None:
    code = """
import json, os, urllib.request
def main():
    base = os.environ["BASE_INTERNAL_URL"] + "/api/w/" + os.environ["WM_WORKSPACE"]
    headers = {"Authorization": "Bearer " + os.environ["WM_TOKEN"]}
    where = f"{base}/jobs/resume_urls/{os.environ['WM_JOB_ID']}/5"
    ask = urllib.request.Request(where, headers=headers)
    url = json.load(urllib.request.urlopen(ask))["resume"]
    kind = {"Content-Type": "application/json"}
    early = urllib.request.Request(url, data=b'{"early": true}', headers=kind)
    return urllib.request.urlopen(early).status
"""
    flow = approval(raw)
    flow["modules"][0]["value"] = raw(code)
    assert windmill.run_flow(flow)["result"] == [{"early": True}, [{"early": True}], ["anonymous"]]


def test_an_owner_resumes_by_the_flow_s_id(windmill: Any, raw: Any) -> None:
    flow, _ = suspended(windmill, approval(raw))
    windmill.post(f"/jobs/flow/resume/{flow}", {"ok": 1})
    assert windmill.ended(flow)["result"] == [{"ok": 1}, [{"ok": 1}], ["admin"]]


def test_an_owner_resumes_what_waits_inside_a_loop(windmill: Any, raw: Any) -> None:
    body = approval(raw)["modules"]
    items = {"type": "static", "value": [1]}
    loop = {"type": "forloopflow", "iterator": items, "modules": body}
    flow = windmill.start_flow({"modules": [{"id": "l", "value": loop}]})
    windmill.until(flow, lambda _: any(child.get("suspend") for child in windmill.tree(flow)))
    windmill.post(f"/jobs/flow/resume/{flow}", {"ok": 1})
    assert windmill.ended(flow)["result"] == [[{"ok": 1}, [{"ok": 1}], ["admin"]]]


@pytest.mark.parametrize("spoil", [lambda u: u[:-12] + "0" * 12, lambda u: u.replace("/1/", "/2/")])
def test_a_forged_link_is_refused(windmill: Any, raw: Any, spoil: Any) -> None:
    flow, step = suspended(windmill, approval(raw))
    link = windmill.get(f"/jobs/resume_urls/{step}/1")["resume"]
    assert httpx.post(spoil(link), json={}).status_code == 401
    assert windmill.job(flow)["suspend"] == 1
    windmill.post(f"/jobs_u/queue/cancel/{flow}", {})
    assert windmill.ended(flow)["canceled"]


def test_an_approver_in_a_link_cannot_be_changed(windmill: Any, raw: Any) -> None:
    flow, step = suspended(windmill, approval(raw))
    link = urls(windmill, step)["resume"].replace("ann", "boss")
    assert httpx.post(link, json={}).status_code == 401
    windmill.post(f"/jobs_u/queue/cancel/{flow}", {})


def test_resuming_what_does_not_wait_is_refused(windmill: Any) -> None:
    job = windmill.run_flow({"modules": [{"id": "a", "value": {"type": "identity"}}]})
    answer = windmill.http.post(f"/jobs/flow/resume/{job['id']}", json={})
    assert answer.status_code == 400
    assert "not waiting" in answer.text


def test_the_link_of_a_flow_answers_what_it_waits_for_itself(windmill: Any, raw: Any) -> None:
    loop = {
        "type": "forloopflow",
        "iterator": {"type": "static", "value": [1]},
        "modules": approval(raw)["modules"],
    }
    flow = windmill.start_flow({"modules": [{"id": "l", "value": loop}]})
    inner = next(
        child
        for child in windmill.tree(flow)
        if windmill.until(child["id"], lambda job: job.get("suspend"))
    )
    around, itself = (urls(windmill, id)["resume"] for id in (flow, inner["id"]))
    assert httpx.post(around, json=1).status_code == 400
    assert httpx.post(itself, json=1).status_code == 201
    assert windmill.ended(flow)["result"] == [[1, [1], ["ann"]]]
