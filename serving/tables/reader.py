"""The one reader of tables, CSV and JSON lines: a row at a time, however large the file is."""

import codecs
import csv
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from serving import strict_json
from serving.errors import BadTable, UnreadableTable
from serving.file_gate import FileGate
from serving.problems import counted
from serving.tables.dialect import CSV, ENCODING, JSON_LINES, delimiter_of, is_json_lines

ENDINGS = (*JSON_LINES, *CSV)
MOST_STREAMED_BYTES = 200_000_000
MOST_ROW_CHARACTERS = 2_000_000
MOST_COLUMNS = 500
ROW_NAMES = "column 1"
NO_FILE = "Give the path of a file that is there and may be read."
QUOTES = "Close the quotes: a quote inside a value is written twice."
BLOCK_BYTES = 65536


@dataclass(frozen=True)
class Row:
    """Its number as a spreadsheet counts: a CSV file's header is row 1."""

    number: int
    values: dict[str, Any]  # texts in a CSV file


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be used, to be read behind the row: `is not JSON`."""

    number: int
    reason: str

    def __str__(self) -> str:
        return f"row {self.number} {self.reason}"


def read_file(files: FileGate, path: Path, most_bytes: int) -> Iterator[Row | Problem]:
    """Raises PathRefused, and UnreadableTable, also after some rows."""
    check_ending(path)
    try:
        with files.open(path) as file:
            _check_size(path.name, os.fstat(file.fileno()).st_size, most_bytes)
            yield from _read(path.name, file)
    except OSError as error:
        raise UnreadableTable(table=path, reason=error.strerror, fix=NO_FILE) from error


def read_content(name: str, content: bytes, most_bytes: int) -> Iterator[Row | Problem]:
    """Raises UnreadableTable, also after some rows."""
    _check_size(name, len(content), most_bytes)
    yield from _read(name, io.BytesIO(content))


def stream(files: FileGate, path: Path) -> Iterator[Row]:
    """One row in memory at a time. Raises as `read_file`, and BadTable at the first bad row."""
    for row in read_file(files, path, MOST_STREAMED_BYTES):
        if isinstance(row, Problem):
            raise BadTable(table=path.name, reason=row)
        yield row


def check_ending(path: Path) -> None:
    if path.suffix.lower() not in ENDINGS:
        raise UnreadableTable(table=path.name, reason=f"it is none of {', '.join(ENDINGS)}")


def _check_size(name: str, size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise UnreadableTable(table=name, reason=f"larger than {most_bytes} bytes")


def _read(name: str, file: BinaryIO) -> Iterator[Row | Problem]:
    # Only \n and \r end a line: what str.splitlines takes for one may stand in a cell.
    with io.TextIOWrapper(file, encoding=ENCODING, newline="") as text:
        lines = Lines(name, text)
        try:
            yield from _json_lines(lines) if is_json_lines(name) else _csv(name, lines)
        except UnicodeDecodeError:
            reason = f"it is not UTF-8 text ({_first_undecodable(file)})"
            raise UnreadableTable(table=name, reason=reason) from None


def _first_undecodable(file: BinaryIO) -> str:
    """Which byte in which line; the error itself knows only its place in a block."""
    file.seek(0)
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    while True:
        block = file.read(BLOCK_BYTES)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            return f"line {line}, byte 0x{error.object[error.start]:02x}"
        line += block.count(b"\n")


class Lines:
    """None without end, and no more of them for one row than a row may hold: quotes span lines."""

    def __init__(self, name: str, text: TextIO) -> None:
        self._name = name
        self._text = text
        self._of_this_row = 0

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(MOST_ROW_CHARACTERS + 1)
        self._of_this_row += len(line)
        if self._of_this_row > MOST_ROW_CHARACTERS:
            reason = f"a row is longer than {MOST_ROW_CHARACTERS} characters"
            raise UnreadableTable(table=self._name, reason=reason)
        if not line:
            raise StopIteration
        return line

    def next_row(self) -> None:
        self._of_this_row = 0


def _json_lines(lines: Lines) -> Iterator[Row | Problem]:
    for number, line in enumerate(lines, start=1):
        lines.next_row()
        if line.strip():
            yield _json_row(number, line)


def _json_row(number: int, line: str) -> Row | Problem:
    try:
        values = strict_json.loads(line.encode())
    except ValueError:
        return Problem(number, "is not JSON")
    if not isinstance(values, dict):
        return Problem(number, "is not a JSON object")
    if len(values) > MOST_COLUMNS:
        return Problem(number, f"has more than {MOST_COLUMNS} columns")
    return Row(number, values)


def _csv(name: str, lines: Lines) -> Iterator[Row | Problem]:
    header = next(lines, "")
    records = csv.reader(chain((header,), lines), delimiter=delimiter_of(header), strict=True)
    try:
        columns = _named(_trimmed(next(records, ())))
        _check_header(name, columns)
        for number, cells in enumerate(records, start=2):
            lines.next_row()
            if cells:
                yield _fitted(columns, number, _trimmed(cells))
    except csv.Error as error:
        reason = f"line {records.line_num}: {error}"
        raise UnreadableTable(table=name, reason=reason, fix=QUOTES) from error


def _trimmed(cells: Iterable[str]) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in cells)


def _named(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Programs write the rows' own numbers first, in a column without a name."""
    alone = len(columns) > 1 and not columns[0] and all(columns[1:])
    return (ROW_NAMES, *columns[1:]) if alone and ROW_NAMES not in columns else columns


def _check_header(name: str, columns: tuple[str, ...]) -> None:
    if not any(columns):
        raise UnreadableTable(table=name, reason="it is empty")
    if len(columns) > MOST_COLUMNS:
        raise UnreadableTable(table=name, reason=f"more than {MOST_COLUMNS} columns")
    wrong = sorted({column or "(no name)" for column in columns if columns.count(column) > 1})
    if wrong or "" in columns:
        reason = f"the header's names must differ: {', '.join(wrong) or '(no name)'}"
        raise UnreadableTable(table=name, reason=reason, fix="Give each column a name of its own.")


def _fitted(columns: tuple[str, ...], number: int, cells: tuple[str, ...]) -> Row | Problem:
    if len(cells) != len(columns):
        return Problem(number, f"has {counted(len(cells), 'value')}, the header has {len(columns)}")
    return Row(number, dict(zip(columns, cells, strict=True)))
