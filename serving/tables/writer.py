"""Rows to CSV and JSON lines."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from serving.tables.dialect import CSV


def json_line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def as_file(path: Path, rows: Sequence[Mapping[str, Any]]) -> str:
    """As its ending says: CSV, or else JSON lines."""
    ending = path.suffix.lower()
    if ending in CSV:
        return as_csv(rows, "\t" if ending == ".tsv" else ",")
    return "".join(map(json_line, rows))


def as_csv(rows: Sequence[Mapping[str, Any]], delimiter: str = ",") -> str:
    """All columns of all rows, in the order in which they first appear."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()
