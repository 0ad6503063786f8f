"""Templates around language models, each deployed for real and asked through its own API."""

import base64
import csv
import io
import json
import os
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import READABLE, Platform

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("platform")]
FINISHED_WITHIN_SECONDS = 240
SITE = {
    "index.html": "<title>Northwind</title><main><p>Welcome. <a href=machines.html>Rules</a></p>"
    "<a href=secret/pay.html>Pay</a></main>",
    "machines.html": "<title>Machines</title><p>A rented GPU may stay idle for three days; after "
    "that it is returned automatically.</p><p>Hotels may cost up to 140 euros a night.</p>",
    "secret/pay.html": "<p>Salaries are paid on Friday.</p>",
    "robots.txt": "User-agent: *\nDisallow: /secret/\n",
}
OPENAI = """
import sys
# Its key is in OPENAI_API_KEY.
from openai import OpenAI
client = OpenAI(base_url=sys.argv[1] + "/v1", max_retries=0, timeout=120)
print([model.id for model in client.models.list()])
asked = dict(messages=[{"role": "user", "content": "Say hello."}], max_tokens=12)
whole = client.chat.completions.create(model="chat", **asked)
assert whole.choices[0].message.content.strip() and whole.usage.completion_tokens > 0
parts = list(client.chat.completions.create(model="chat", stream=True, **asked))
assert "".join(p.choices[0].delta.content or "" for p in parts if p.choices).strip()
assert len(parts) > 3, "it does not stream"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    for name, text in SITE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    handler = partial(Quiet, directory=str(folder))
    server = ThreadingHTTPServer((READABLE, 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://{READABLE}:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("rows") / "rows.csv"
    file.write_text("name\na cat\na dog\n")
    return file


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("questions") / "questions.jsonl"
    asked = {"question": "How long may a GPU stay idle?", "expected": "three days"}
    file.write_text(json.dumps(asked) + "\n")
    return file


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def live(
    platform: Platform, site: str, rows: Path, questions: Path
) -> Iterator[dict[str, dict[str, Any]]]:
    """Two at a time: each starts a model server and a proxy of its own."""
    wanted = {
        "rag-website": [f"source={site}"],
        "llm-gateway": [f'backends=[{{"base_url": "http://{READABLE}:9/v1", "model": "gone"}}]'],
        "embeddings-api": [],
        "batch-inference": [f"input={rows}", "prompt=What is {name}?", "max_tokens=8"],
    }

    def deploy(name: str) -> Any:
        settings = [word for setting in wanted[name] for word in ("--set", setting)]
        return platform.json("deploy", name, "--target", "local", *settings)

    with ThreadPoolExecutor(2) as pool:
        deployed = dict(zip(wanted, pool.map(deploy, wanted), strict=True))
        wanted["evaluation"] = [
            f"endpoint={deployed['rag-website']['endpoint_url']}/chat",
            f"questions={questions}", "metric=similarity", "required=0",
        ]  # fmt: skip
        deployed["evaluation"] = deploy("evaluation")
        yield deployed
        ids = [one["deployment_id"] for one in deployed.values()]
        list(pool.map(lambda id: platform.run("destroy", id, "--yes"), ids))
    for id in ids:
        assert not platform.processes_of(id)
        assert not platform.deployment_folder(id).exists()


def post(platform: Platform, name: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    with platform.api(name) as api:
        answer = api.post(path, json=body)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def test_a_website_is_asked_and_the_page_is_cited(
    live: dict[str, Any], platform: Platform, site: str
) -> None:
    answer = post(platform, "rag-website", "/chat", {"question": "How long may a GPU stay idle?"})
    best = answer["sources"][0]
    assert best["document"] == f"{site}machines.html"
    assert "three days" in best["passage"]
    assert answer["answer"].strip()


def test_what_robots_txt_forbids_is_not_known_and_told_as_skipped(
    live: dict[str, Any], platform: Platform
) -> None:
    with platform.api("rag-website") as api:
        health = api.get("/health").json()
    assert health["documents"] == 2
    assert "secret/pay.html" in health["skipped_documents"][0]


def test_openai_s_own_client_talks_to_the_gateway_though_its_first_model_is_gone(
    live: dict[str, Any], platform: Platform
) -> None:
    done = subprocess.run(
        [
            proxy_python(platform, live["llm-gateway"]["deployment_id"]),
            "-c",
            OPENAI,
            live["llm-gateway"]["endpoint_url"],
        ],
        env=os.environ | {"OPENAI_API_KEY": platform.key("llm-gateway")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "'chat'" in done.stdout
    assert "'chat-1'" in done.stdout


def proxy_python(platform: Platform, deployment_id: str) -> str:
    """LiteLLM's environment holds OpenAI's client."""
    commands = [process.cmdline() for process in platform.processes_of(deployment_id)]
    return next(words[0] for words in commands if "start_proxy.py" in " ".join(words))


def test_embeddings_come_as_openai_gives_them_and_no_proxy_was_started(
    live: dict[str, Any], platform: Platform
) -> None:
    body = {"input": ["a cat", "a dog"], "encoding_format": "base64", "model": "e5-small"}
    answer = post(platform, "embeddings-api", "/v1/embeddings", body)
    vector = struct.unpack("<384f", base64.b64decode(answer["data"][1]["embedding"]))
    assert sum(number * number for number in vector) == pytest.approx(1, abs=1e-3)
    commands = [
        " ".join(process.cmdline())
        for process in platform.processes_of(live["embeddings-api"]["deployment_id"])
    ]
    assert not any("start_proxy" in command or "model_server" in command for command in commands)


def test_models_are_asked_from_the_command_line(live: dict[str, Any], platform: Platform) -> None:
    said = platform.json("ask", "llm-gateway", "Say hello.")
    assert said["choices"][0]["message"]["content"].strip()
    embedded = platform.json("ask", "embeddings-api", "a cat")
    assert len(embedded["data"][0]["embedding"]) == 384


def test_every_row_of_a_file_is_asked_and_comes_back_with_its_answer(
    live: dict[str, Any], platform: Platform
) -> None:
    give_up = time.monotonic() + FINISHED_WITHIN_SECONDS
    with platform.api("batch-inference") as api:
        while (state := api.get("/batch").json())["status"] != "done":
            assert state["status"] in {"waiting", "running"}, state
            assert time.monotonic() < give_up, state
            time.sleep(0.2)
        output = api.get("/batch/output").text
    assert (state["total"], state["done"], state["failed"]) == (2, 2, 0)
    written = list(csv.DictReader(io.StringIO(output)))
    assert [row["name"] for row in written] == ["a cat", "a dog"]
    assert all(row["answer"].strip() for row in written)


def test_a_chat_is_evaluated_on_questions_with_known_answers(
    live: dict[str, Any], platform: Platform
) -> None:
    give_up = time.monotonic() + FINISHED_WITHIN_SECONDS
    with platform.api("evaluation") as api:
        while (gate := api.get("/gate")).status_code != 200:
            assert time.monotonic() < give_up, gate.text
            time.sleep(0.2)
        report = api.get("/report").json()
    assert gate.json()["passed"] is True
    assert 0 <= gate.json()["score"] <= 1
    assert report["errors"] == 0, report["questions"]
    assert platform.json("ask", "evaluation")["count"] == 1
