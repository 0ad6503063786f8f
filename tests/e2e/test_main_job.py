"""The main job, for real: deploy the chatbot over a PDF, ask it, deploy again, destroy."""

import json
import socket
from typing import Any

import httpx
import pytest

from tests.e2e.harness import EXAMPLES, Platform

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("second platform"),
]
QUESTION = "How many days may a rented GPU stay idle before it is returned?"


@pytest.fixture(scope="module")
def live(platform: Platform) -> Any:
    return platform.json(
        "deploy", "rag-chatbot", "--target", "local", "--set", f"documents={EXAMPLES}"
    )


def test_what_would_be_read_is_shown_by_a_worker_before_anything_is_deployed(
    platform: Platform,
) -> None:
    told = platform.json("preview", "rag-chatbot", "--set", f"documents={EXAMPLES}")
    docs, chunks = told["nodes"]
    assert docs["reading"]["given"] == docs["reading"]["read"] >= 2
    assert docs["sample"]["texts"][0]["document"] == "gpu-handbook.pdf"
    assert (chunks["node"], chunks["sample"]["of"]) == ("chunks", "passage")


def ask(platform: Platform, deployment_id: str, question: str) -> Any:
    with platform.api(deployment_id) as api:
        answer = api.post("/chat", json={"question": question})
    answer.raise_for_status()
    return answer.json()


def test_a_deployed_chatbot_answers_with_the_passage_and_its_page(
    platform: Platform, live: dict[str, Any]
) -> None:
    answer = ask(platform, live["deployment_id"], QUESTION)
    best = answer["sources"][0]
    assert "may stay idle for two days" in best["passage"]
    assert (best["document"], best["page"]) == ("gpu-handbook.pdf", 3)
    assert answer["answer"].strip()


def test_every_step_is_reported_with_its_time(platform: Platform, live: dict[str, Any]) -> None:
    steps = platform.json("status", live["deployment_id"])["steps"]
    assert [step["id"] for step in steps] == [
        "validate", "target", "generate", "apply", "configure", "health", "metrics", "notify",
    ]  # fmt: skip
    assert all(step["state"] == "done" and step["seconds"] > 0 for step in steps)


def test_only_who_has_the_key_is_answered(platform: Platform, live: dict[str, Any]) -> None:
    url = f"{live['endpoint_url']}/chat"
    assert httpx.post(url, json={"question": QUESTION}).status_code == 401
    with platform.api(live["deployment_id"]) as api:
        assert api.get("/model", headers={"Host": "evil.example"}).status_code == 421
        assert api.get("/model", headers={"Origin": "https://evil.example"}).status_code == 403
    assert platform.run("chat", live["name"], QUESTION).stdout.strip()


def test_every_url_answers(live: dict[str, Any]) -> None:
    for name in ("docs", "health", "metrics"):
        assert httpx.get(live["urls"][name]).status_code == 200, name
    assert httpx.get(f"{live['urls']['litellm']}/health/liveliness").status_code == 200
    assert httpx.get(f"{live['urls']['model_server']}/health").status_code == 200


def test_prometheus_is_told_where_the_metrics_are(platform: Platform, live: dict[str, Any]) -> None:
    watched = json.loads(platform.targets_file(live["deployment_id"]).read_text())
    assert {group["labels"]["service"] for group in watched} == {"api", "litellm", "model_server"}
    for group in watched:
        (address,), path = group["targets"], group["labels"]["__metrics_path__"]
        assert httpx.get(f"http://{address}{path}", timeout=30).status_code == 200, group


def test_the_same_revision_again_changes_nothing_and_says_so(
    platform: Platform, live: dict[str, Any]
) -> None:
    before = {p.pid for p in platform.processes_of(live["deployment_id"])}
    text = platform.run(
        "deploy", "rag-chatbot", "--target", "local", "--set", f"documents={EXAMPLES}"
    ).stdout
    assert "nothing changed" in text
    assert {p.pid for p in platform.processes_of(live["deployment_id"])} == before
    assert before


def test_a_terraform_replan_is_empty(platform: Platform, live: dict[str, Any]) -> None:
    with platform.windmill() as windmill:
        job = windmill.post(
            "/jobs/run_wait_result/p/f/mlops/apply_terraform",
            json={"deployment_id": live["deployment_id"]},
        )
    assert job.json()["changes"] is False


def test_no_secret_is_in_results_logs_or_generated_files(
    platform: Platform, live: dict[str, Any]
) -> None:
    folder = platform.deployment_folder(live["deployment_id"])
    own = platform.key(live["deployment_id"])
    with platform.windmill() as windmill:
        key = windmill.get("/variables/get_value/f/mlops/secret_key").json()
        ids = [job["id"] for job in windmill.get("/jobs/list", params={"per_page": 200}).json()]
        told = "".join(windmill.get(f"/jobs_u/get/{id}").text for id in ids)
    told += platform.run("logs", live["deployment_id"]).stdout + platform.logs()
    told += json.dumps(live) + json.dumps(platform.json("status", live["deployment_id"]))
    told += " ".join(w for p in platform.processes_of(live["deployment_id"]) for w in p.cmdline())
    for secret in (key, own):
        assert secret
        assert secret not in told
    for file in (p for p in folder.rglob("*") if p.is_file()):
        assert key.encode() not in file.read_bytes(), file
        if own.encode() in file.read_bytes():
            # Read by the process itself, and by nobody else.
            assert (file.name, file.stat().st_mode & 0o077) == ("api.json", 0)


def test_destroy_leaves_no_process_port_or_file(platform: Platform, live: dict[str, Any]) -> None:
    ports = [httpx.URL(live["urls"][n]).port for n in ("api", "litellm", "model_server")]
    assert platform.processes_of(live["deployment_id"])
    platform.run("destroy", live["deployment_id"], "--yes")
    assert not platform.processes_of(live["deployment_id"])
    assert not platform.deployment_folder(live["deployment_id"]).exists()
    assert not platform.targets_file(live["deployment_id"]).exists()
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert live["deployment_id"] not in platform.run("ls").stdout
