"""The job over a file: progress, its result, and what a crash or a dead model leaves."""

import csv
import io
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.components.model.batch_inference import fill
from serving.errors import UnreadableTable
from serving.file_gate import FileGate
from serving.tables.reader import stream
from serving.tables.writer import as_csv, as_file
from tests.serving.llm_double import LlmDouble
from tests.serving.support import live_api, served, until

GATE = FileGate.of({})
ROWS = [{"id": number, "text": f"row {number}"} for number in range(4)]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


@contextmanager
def job(llm: LlmDouble | str, source: Path, folder: Path, **config: Any) -> Iterator[httpx.Client]:
    settings = {"input": str(source), "prompt": "Name {text}.", **config}
    url = llm if isinstance(llm, str) else llm.url
    with live_api(served("batch-inference", "job", **settings), folder, url) as api:
        yield api


def finished(api: httpx.Client, status: str = "done") -> dict[str, Any]:
    until(lambda: api.get("/batch").json()["status"] == status)
    state: dict[str, Any] = api.get("/batch").json()
    return state


def test_every_row_is_asked_and_answered_in_order(
    llm: LlmDouble, rows: Path, tmp_path: Path
) -> None:
    with job(llm, rows, tmp_path) as api:
        state = finished(api)
        output = api.get("/batch/output").text

    assert [state[name] for name in ("run", "total", "done", "failed", "progress")] == [
        1, 4, 4, 0, 1,
    ]  # fmt: skip
    assert [json.loads(line) for line in output.splitlines()] == [
        row | {"answer": "Three days."} for row in ROWS
    ]
    assert llm.requests[2].messages[-1].content == "Name row 2."


@pytest.mark.slow
def test_a_model_that_is_still_starting_is_waited_for(rows: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with job(f"http://127.0.0.1:{port}/v1", rows, tmp_path) as api:
        assert api.get("/batch").json()["status"] == "running"
        late = LlmDouble(port)
        try:
            state = finished(api)
        finally:
            late.close()
    assert (state["done"], state["failed"]) == (4, 0)


def test_csv_comes_out_under_the_name_that_was_wished(llm: LlmDouble, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text('text,note\n"a, b",x\nc,"y\nz"\n')
    with job(llm, source, tmp_path, output="done.csv", column="said") as api:
        finished(api)
        answer = api.get("/batch/output")
    assert 'filename="done.csv"' in answer.headers["content-disposition"]
    found = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["text"], row["note"], row["said"]) for row in found] == [
        ("a, b", "x", "Three days."), ("c", "y\nz", "Three days."),
    ]  # fmt: skip


def test_a_run_that_was_cut_off_goes_on_after_its_last_whole_row(
    llm: LlmDouble, rows: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "nodes" / "model"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"run": 7, "status": "running", "started_at": 1}))
    done = json.dumps(ROWS[0] | {"answer": "before"}) + "\n"
    (folder / "rows.jsonl").write_text(done + '{"id": 1, "te')
    with job(llm, rows, tmp_path) as api:
        state = finished(api)
        answers = [
            json.loads(line)["answer"] for line in api.get("/batch/output").text.splitlines()
        ]
    assert (state["run"], state["done"]) == (7, 4)
    assert answers == ["before", *["Three days."] * 3]
    assert len(llm.requests) == 3


def test_a_finished_run_is_not_repeated_by_a_restart_but_on_request(
    llm: LlmDouble, rows: Path, tmp_path: Path
) -> None:
    with job(llm, rows, tmp_path) as api:
        finished(api)
    with job(llm, rows, tmp_path) as api:
        assert api.get("/batch").json()["run"] == 1
        assert len(llm.requests) == 4
        assert api.post("/batch").status_code == 202
        until(lambda: api.get("/batch").json()["run"] == 2)
        assert finished(api)["done"] == 4


def test_a_run_waits_for_its_start_if_so_wished_and_is_not_started_twice(
    llm: LlmDouble, rows: Path, tmp_path: Path
) -> None:
    llm.mode = "silent"
    with job(llm, rows, tmp_path, run_at_start=False) as api:
        assert api.get("/batch").json()["status"] == "waiting"
        assert api.get("/batch/output").status_code == 503
        assert api.post("/batch").status_code == 202
        assert api.post("/batch").status_code == 409


def test_a_dead_model_fails_the_run_which_a_start_continues(llm: LlmDouble, tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text("".join(json.dumps({"text": n}) + "\n" for n in range(8)))
    llm.mode = "error"
    with job(llm, source, tmp_path) as api:
        state = finished(api, "failed")
        assert "no model is loaded" in state["reason"]
        assert (state["done"], state["failed"]) == (4, 4)
        llm.mode = "fine"
        api.post("/batch")
        assert finished(api)["done"] == 8


@pytest.mark.parametrize(
    ("name", "content", "prompt", "reason"),
    [
        ("rows.jsonl", '{"text": 1}\n{oops\n', "{text}", "row 2 is not JSON"),
        ("rows.jsonl", "[1]\n", "{text}", "row 1 is not a JSON object"),
        ("rows.jsonl", "", "{text}", "holds no rows"),
        ("rows.jsonl", '{"text": 1}\n', "{txt}", "no column 'txt', they have text"),
        ("rows.csv", "a,b\n1\n", "{a}", "row 2 has 1 value"),
        ("rows.xlsx", "", "{a}", "none of .jsonl"),
    ],
)
def test_a_file_or_prompt_that_does_not_fit_is_told(
    llm: LlmDouble, tmp_path: Path, name: str, content: str, prompt: str, reason: str
) -> None:
    (tmp_path / name).write_text(content)
    with job(llm, tmp_path / name, tmp_path, prompt=prompt) as api:
        answer = api.get("/batch").json()
        assert reason in answer.get("reason", "") + answer.get("error", {}).get("message", "")


def test_what_a_row_holds_is_never_a_template() -> None:
    assert fill("{a} and {b}", {"a": "{b}", "b": "{a}"}) == "{b} and {a}"


def test_csv_has_all_columns_of_all_rows(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(as_csv([{"a": "1"}, {"a": "2", "error": "x"}]))
    assert [row.values for row in stream(GATE, path)] == [
        {"a": "1", "error": ""}, {"a": "2", "error": "x"},
    ]  # fmt: skip
    with pytest.raises(UnreadableTable, match="No such file"):
        list(stream(GATE, tmp_path / "missing.csv"))


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.ndjson"])
def test_what_is_written_is_read_again(name: str, tmp_path: Path) -> None:
    rows = [{"a": "1,\t;", "b": 'x"\ny'}, {"a": "ü", "b": ""}]
    path = tmp_path / name
    path.write_text(as_file(path, rows), "utf-8", newline="")
    assert [row.values for row in stream(GATE, path)] == rows
