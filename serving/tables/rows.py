"""CSV and JSON lines as rows of texts, each with its number in the file."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from serving import errors

MOST_BYTES = 50_000_000
MOST_COLUMNS = 500
ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson")
DELIMITERS = ",;\t|"
SHOWN = 10


@dataclass(frozen=True)
class Rows:
    columns: tuple[str, ...]
    cells: tuple[dict[str, str], ...]
    numbers: tuple[int, ...]
    problems: tuple[str, ...]  # of rows that are left out


def read_rows(name: str, content: bytes) -> Rows:
    """Raises UnreadableTable when there is no table in it at all."""
    if len(content) > MOST_BYTES:
        raise errors.UnreadableTable(table=name, reason=f"larger than {MOST_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise errors.UnreadableTable(table=name, reason="it is not UTF-8 text") from None
    json_lines = name.lower().endswith((".jsonl", ".ndjson"))
    rows = _json_lines(text) if json_lines else _csv(name, text)
    if not rows.cells and not rows.problems:
        raise errors.UnreadableTable(table=name, reason="it has no rows")
    if len(rows.columns) > MOST_COLUMNS:
        raise errors.UnreadableTable(table=name, reason=f"more than {MOST_COLUMNS} columns")
    return rows


def told(problems: tuple[str, ...]) -> str:
    more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    return "; ".join(problems[:SHOWN]) + more


def as_text(value: Any) -> str:
    """A JSON value as a CSV file would hold it; raises ValueError for what fits no cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value).strip()
    raise ValueError("is neither text nor a number")


def _csv(name: str, text: str) -> Rows:
    header, _, _ = text.lstrip().partition("\n")
    delimiter = max(DELIMITERS, key=header.count)
    lines = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    columns = tuple(cell.strip() for cell in next(lines, ()))
    _check_header(name, columns)
    return _collect(columns, enumerate(_records(name, lines), 2), lambda row: _fit(columns, row))


def _records(name: str, lines: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from lines
    except csv.Error as error:
        raise errors.UnreadableTable(table=name, reason=str(error)) from error


def _check_header(name: str, columns: tuple[str, ...]) -> None:
    if not any(columns):
        raise errors.UnreadableTable(table=name, reason="it is empty")
    wrong = sorted({column or "(no name)" for column in columns if columns.count(column) > 1})
    if wrong or "" in columns:
        reason = f"the header's names must differ: {', '.join(wrong) or '(no name)'}"
        raise errors.UnreadableTable(table=name, reason=reason)


def _fit(columns: tuple[str, ...], row: list[str]) -> dict[str, str]:
    if len(row) != len(columns):
        raise ValueError(f"has {len(row)} values, the header has {len(columns)}")
    return {column: cell.strip() for column, cell in zip(columns, row, strict=True)}


def _json_lines(text: str) -> Rows:
    lines = ((number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())
    rows = _collect((), lines, _json_row)
    columns = tuple(dict.fromkeys(column for row in rows.cells for column in row))
    cells = tuple({column: row.get(column, "") for column in columns} for row in rows.cells)
    return Rows(columns, cells, rows.numbers, rows.problems)


def _json_row(line: str) -> dict[str, str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
    if not isinstance(row, dict):
        raise ValueError("is not a JSON object")
    return {column: _json_cell(column, value) for column, value in row.items()}


def _json_cell(column: str, value: Any) -> str:
    try:
        return as_text(value)
    except ValueError as error:
        raise ValueError(f"{column} {error}") from None


def _collect(columns: tuple[str, ...], lines: Any, read: Callable[[Any], dict[str, str]]) -> Rows:
    cells, numbers, problems = [], [], []
    for number, line in lines:
        if not line:
            continue
        try:
            cells.append(read(line))
            numbers.append(number)
        except ValueError as error:
            problems.append(f"row {number} {error}")
    return Rows(columns, tuple(cells), tuple(numbers), tuple(problems))
