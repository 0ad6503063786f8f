"""One file gives one table: the same rows, numbers and problems in whatever component reads it."""

import asyncio
import json
import tracemalloc
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from serving.component import Context
from serving.components.data_source.table import TableConfig, TableSource
from serving.components.model.batch_inference import BatchConfig, BatchInference
from serving.components.model.evaluation import Evaluation, EvaluationConfig
from serving.errors import ServingError, UnreadableTable
from serving.file_gate import FileGate
from serving.models.llm import Llm
from serving.port_types import Table
from serving.tables.reader import read_content, read_file, stream
from serving.tables.rows import collect

pytestmark = pytest.mark.slow

GATE = FileGate.of({})
HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "same_rows.yaml").read_text("utf-8"))
UNREADABLE = yaml.safe_load((HERE / "unreadable_files.yaml").read_text("utf-8"))
NOBODY = "http://127.0.0.1:9/chat"

Cells = list[tuple[str, str]]


class Silent(Llm):
    """Is there at once, and says nothing."""

    async def until_reachable(self, seconds: float) -> None: ...

    async def complete(self, request: Any) -> str:
        return ""


def context(folder: Path) -> Context:
    return Context(folder, folder, Silent("", ""), lambda _: None)


async def table(path: Path, bad_rows: Literal["fail", "skip"] = "fail") -> Table:
    config = TableConfig(path=str(path), bad_rows=bad_rows)
    return await TableSource(config, context(path.parent)).run()


async def table_rows(path: Path) -> Cells:
    found = await table(path)
    order = [[column.name for column in found.columns].index(n) for n in ("question", "expected")]
    return [(str(row[order[0]]), str(row[order[1]])) for row in found.rows]


async def batch_rows(path: Path) -> Cells:
    output = path.parent / "output" / "output.jsonl"
    config = BatchConfig(input=str(path), prompt="{question}", output=output.name)
    job = await BatchInference(config, context(path.parent)).run()
    while job.state.status == "running":
        await asyncio.sleep(0.001)
    rows = [json.loads(line) for line in output.read_text("utf-8").split("\n") if line]
    return [(row["question"], row["expected"]) for row in rows]


async def evaluation_rows(path: Path) -> Cells:
    config = EvaluationConfig(endpoint=NOBODY, questions=str(path))
    report = await Evaluation(config, context(path.parent)).run()
    return [(one["question"], *one["expected"]) for one in report.latest["questions"]]


READERS = [table_rows, batch_rows, evaluation_rows]


def write(folder: Path, case: dict[str, Any]) -> Path:
    path = folder / str(case["name"])
    if "bytes" in case or "text" in case:
        path.write_bytes(bytes(case.get("bytes", ())) or case["text"].encode())
    return path


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
@pytest.mark.parametrize("rows_in", READERS)
async def test_every_component_sees_the_same_rows(
    rows_in: Any, case: dict[str, Any], tmp_path: Path
) -> None:
    path = write(tmp_path, case)
    if "problem" in case:
        with pytest.raises(ServingError, match=case["problem"]) as caught:
            await rows_in(path)
        assert caught.value.fix
    else:
        assert await rows_in(path) == [(row[1], row[2]) for row in case["rows"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
async def test_rows_have_the_same_numbers_in_a_file_and_in_a_request(
    case: dict[str, Any], tmp_path: Path
) -> None:
    path = write(tmp_path, case)
    sent = collect(path.name, read_content(path.name, path.read_bytes(), 1000))
    kept = await table(path, "skip")
    named = [dict(zip(sent.columns, row, strict=True)) for row in sent.cells]
    texts = [(row["question"], row["expected"]) for row in named]
    numbered = [list(row) for row in zip(sent.numbers, *zip(*texts, strict=True), strict=True)]
    assert numbered == case["rows"]
    assert kept.numbers == sent.numbers
    assert kept.skipped == sent.problems
    assert len(sent.problems) == ("problem" in case)


@pytest.mark.parametrize("case", UNREADABLE, ids=lambda case: str(case["case"]))
@pytest.mark.parametrize("rows_in", READERS)
async def test_no_component_reads_what_is_no_table(
    rows_in: Any, case: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(UnreadableTable) as caught:
        await rows_in(write(tmp_path, case))
    assert case["says"] in caught.value.message
    assert str(case["name"]) in caught.value.message


def test_a_file_is_read_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,a longer text than that\n" * 100_000)
    rows = stream(GATE, path)
    tracemalloc.start()
    try:
        assert sum(1 for _ in rows) == 100_000
        assert tracemalloc.get_traced_memory()[1] < 500_000, "of 2.6 million bytes"
    finally:
        tracemalloc.stop()


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    with pytest.raises(UnreadableTable, match="larger than 3 bytes"):
        list(read_file(GATE, path, 3))
    with pytest.raises(UnreadableTable, match="larger than 3 bytes"):
        list(read_content("a.csv", path.read_bytes(), 3))
