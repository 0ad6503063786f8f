"""A table is checked row by row, with the row's number as a spreadsheet counts it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from serving.component import Context
from serving.components.data_source.table import TableConfig, TableSource
from serving.errors import DataError
from serving.models.llm import Llm
from serving.port_types import Table
from serving.tables.columns import table_of
from serving.tables.reader import read_content
from serving.tables.rows import MOST_BYTES, Rows, collect

pytestmark = pytest.mark.slow

NUMBERS = yaml.safe_load(Path(__file__).with_name("numbers.yaml").read_text("utf-8"))
CASES = yaml.safe_load(Path(__file__).with_name("bad_tables.yaml").read_text())


def read_rows(name: str, content: bytes) -> Rows:
    return collect(name, read_content(name, content, MOST_BYTES))


async def read(path: Path, **config: Any) -> Table:
    context = Context(path.parent, path.parent, Llm("", "", 1), lambda _: None)
    return await TableSource(TableConfig(path=str(path), **config), context).run()


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
async def test_what_is_wrong_with_a_file_is_told_by_row(
    case: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / case["name"]
    if "bytes" in case or "text" in case:
        path.write_bytes(bytes(case.get("bytes", ())) or case["text"].encode())
    with pytest.raises(DataError) as caught:
        await read(path)
    assert case["says"] in caught.value.message
    assert caught.value.fix


async def test_bad_rows_can_be_skipped_and_are_remembered(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,x\n2\n3,y\n")
    table = await read(path, bad_rows="skip")
    assert table.rows == ((1.0, "x"), (3.0, "y"))
    assert table.numbers == (2, 4)
    assert table.skipped == ("row 3 has 1 value, the header has 2",)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ("1 2.5 -3e2", "number"),
        ("1 NA 3", "number"),
        ("a b a b a", "category"),
        ("yes no", "category"),
        ("one two three four five six", "text"),
        ("1_000 2_000 1_000 2_000", "category"),
    ],
)
def test_the_kind_of_a_column_is_found(values: str, kind: str) -> None:
    text = "c\n" + "\n".join(values.split())
    assert table_of("a.csv", read_rows("a.csv", text.encode())).columns[0].kind == kind


@pytest.mark.parametrize("case", NUMBERS, ids=lambda case: str(case["case"]))
def test_numbers_are_read_as_their_file_writes_them(case: dict[str, Any]) -> None:
    text = "\n".join(["a\tb", *(f"{a}\t{b}" for a, b in case["rows"])])
    table = table_of("a.tsv", read_rows("a.tsv", text.encode()))
    assert [column.kind for column in table.columns] == case["kinds"]
    assert [list(row) for row in table.rows] == case["cells"]


def test_a_semicolon_file_may_have_commas_in_quotes() -> None:
    rows = read_rows("a.csv", b'"price, net, in EUR";"size"\n1;2\n')
    assert rows.columns == ("price, net, in EUR", "size")


def test_a_first_column_without_a_name_is_given_one() -> None:
    assert read_rows("a.csv", b",a\n0,x\n").columns == ("column 1", "a")


def test_true_is_true_however_it_is_written() -> None:
    csv_file = table_of("a.csv", read_rows("a.csv", b"a\nTrue\nFALSE\n"))
    json_file = table_of("a.jsonl", read_rows("a.jsonl", b'{"a": true}\n{"a": false}\n'))
    assert csv_file.rows == json_file.rows == (("true",), ("false",))


def test_csv_with_other_delimiters_marks_and_quotes(tmp_path: Path) -> None:
    rows = read_rows("a.csv", '\ufeffname;note\r\n"Ann";"one;two\nlines"\r\n'.encode())
    assert rows.cells == (("Ann", "one;two\nlines"),)


def test_json_lines_need_not_all_have_every_column() -> None:
    rows = read_rows("a.jsonl", b'{"a": 1, "b": true}\n\n{"a": null, "c": "x"}\n')
    assert rows.columns == ("a", "b", "c")
    assert rows.cells[1] == ("", "", "x")
    assert rows.numbers == (1, 3)
