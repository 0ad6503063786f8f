"""Rows to CSV and JSON lines."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from serving.tables.dialect import CSV

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = r"[+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d+)?%?"
NUMBERS = re.compile(rf"{NUMBER}(; {NUMBER})*")  # an interval is two


def json_line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def inert(value: Any) -> Any:
    """A text that a spreadsheet would calculate stands behind an apostrophe, which shows it as
    text (OWASP, CSV injection); a number with a sign stays one.
    """
    if not isinstance(value, str) or not value.startswith(FORMULA):
        return value
    return value if NUMBERS.fullmatch(value) else f"'{value}"


def as_file(path: Path, rows: Sequence[Mapping[str, Any]]) -> str:
    """As its ending says: CSV, or else JSON lines."""
    ending = path.suffix.lower()
    if ending in CSV:
        return as_csv(rows, "\t" if ending == ".tsv" else ",")
    return "".join(map(json_line, rows))


def as_csv(rows: Sequence[Mapping[str, Any]], delimiter: str = ",") -> str:
    """All columns of all rows, in the order in which they first appear; nothing is a formula."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO()
    # As RFC 4180 has it; with a bare \n a \r in a cell would stay unquoted and begin a row.
    writer = csv.DictWriter(file, columns, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow({name: inert(name) for name in columns})
    writer.writerows({name: inert(value) for name, value in row.items()} for row in rows)
    return file.getvalue()
