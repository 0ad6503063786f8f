"""JSON that Python reads and nothing after it can bear is refused, whichever route it goes to."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving import strict_json
from serving.tables.writer import as_csv, as_file
from tests.serving.llm_double import LlmDouble
from tests.serving.support import chatbot, live_api, served

pytestmark = pytest.mark.slow

BAD = {
    "half a character": '"\\ud800"',
    "half a character as a name": '{"\\udfff": 1}',
    "infinity": "1e999",
    "minus infinity": "[-1e999]",
    "not a number": "NaN",
    "a number of many digits": "1" * 301,
    "a number of too many digits": "1" * 5000,
    "deep": "[" * 65 + "]" * 65,
    "deep in objects": '{"a":' * 900 + "1" + "}" * 900,
    "deeper than Python reads": "[" * 100_000 + "]" * 100_000,
}
FINE = ['"\\ud83d\\ude00"', "1e300", "[" * 60 + "]" * 60, "[{}" + ",{}" * 100 + "]", "9" * 300]


@pytest.fixture(scope="module")
def apis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, httpx.Client]]:
    folder = tmp_path_factory.mktemp("bodies")
    (folder / "a.md").write_text("Text.")
    llm = LlmDouble()
    with (
        live_api(chatbot(folder / "a.md"), folder / "chat", llm.url) as chat,
        live_api(served("embedding-model", "embedder"), folder / "embed", llm.url) as embed,
        live_api(served("summarizer", "summarizer"), folder / "summary", llm.url) as summary,
        live_api(served("llm-gateway", "completions"), folder / "gateway", llm.url) as gateway,
    ):
        yield {
            "/chat": chat, "/ingest": chat, "/predict": embed, "/batch": embed,
            "/v1/embeddings": embed, "/summarize": summary, "/v1/chat/completions": gateway,
        }  # fmt: skip
    llm.close()


ROUTES = ["/chat", "/ingest", "/predict", "/batch", "/v1/embeddings", "/summarize"]
ROUTES += ["/v1/chat/completions"]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("frame", ["{}", '{{"input": {}}}', '{{"question": "x", "history": {}}}'])
def test_a_value_that_nothing_can_bear_is_refused(
    apis: dict[str, httpx.Client], route: str, bad: str, frame: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = apis[route].post(route, content=frame.format(BAD[bad]), headers=headers)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["error"]["message"].startswith("the body is not JSON: ")


@pytest.mark.parametrize("text", FINE)
def test_what_json_can_be_stays(text: str) -> None:
    assert strict_json.loads(text.encode()) == json.loads(text)


def test_a_body_of_many_values_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match="more than 2000000 values"):
        strict_json.loads(b"[" + b"{}," * 2_000_001 + b"{}]")


@pytest.mark.parametrize(
    "formula", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")']
)
def test_a_formula_is_a_text_in_a_csv_answer(formula: str, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"a": formula, formula: "x"}]
    for text in (as_csv(rows), as_file(tmp_path / "x.csv", rows)):
        (read,) = csv.DictReader(io.StringIO(text, newline=""))
        assert read == {"a": f"'{formula}", f"'{formula}": "x"}
    assert json.loads(as_file(tmp_path / "x.jsonl", rows)) == rows[0]


@pytest.mark.parametrize(
    "value", ["-5", "+3.2", "-1,850.00", "-1e-9", "-5%", "-1.5; 2", "a-b", "", -5]
)
def test_a_number_with_a_sign_stays_a_number(value: Any) -> None:
    (read,) = csv.DictReader(io.StringIO(as_csv([{"a": value, "b": 1}])))
    assert read["a"] == str(value)
