"""Rows of a spreadsheet or CSV file as text: each value beside the name of its column."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from typing import Any

from serving.documents.formats.blocks import Pages, Text, joined
from serving.port_types import Heading, Rows
from serving.tables.dialect import delimiter_of


def read_workbook(content: bytes) -> tuple[Pages, list[str]]:
    """Each sheet, hidden ones too, and which hold nothing. Formulas give what they last came to."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    pages: Pages = []
    told: list[str] = []
    for sheet in book.worksheets:
        rows = ([_shown(value) for value in row] for row in sheet.iter_rows(values_only=True))
        text = rows_as_text(rows)
        if text:
            pages.append((None, _titled(sheet.title, text)))
        else:
            told.append(f"sheet {sheet.title} holds no values")
    return pages, told


def _titled(title: str, rows: str) -> Text:
    return joined([Text(title, (Heading(0, 1, title),)), _table(rows)])


def read_csv(text: str) -> Text:
    """Raises csv.Error."""
    delimiter = delimiter_of(text.partition("\n")[0])
    return _table(rows_as_text(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))


def _table(rows: str) -> Text:
    """Its rows name their columns."""
    return Text(rows, tables=(Rows(0, len(rows)),))


def rows_as_text(rows: Iterable[Sequence[str]]) -> str:
    """`item: pump; price: 12` for each row; the first one with two values names the columns."""
    return "\n".join(_lines(row for row in rows if any(row)))


def _lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    header: Sequence[str] = ()
    for row in rows:
        if header:
            yield "; ".join(named(header, row))
        elif sum(map(bool, row)) > 1:
            header = row
            yield " | ".join(filter(None, row))
        else:
            yield " ".join(row).strip()


def named(header: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    for at, value in enumerate(row):
        name = header[at] if at < len(header) else ""
        if value:
            yield f"{name}: {value}" if name else value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return " ".join(str(value).split())
