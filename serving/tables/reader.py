"""Tables as files: JSON Lines and CSV, one row at a time."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from serving.errors import BadTable

ENDINGS = (".jsonl", ".ndjson", ".csv")
MOST_BYTES = 200_000_000
Row = dict[str, Any]


def read_rows(path: Path) -> Iterator[Row]:
    """Raises BadTable with file and line."""
    try:
        if path.suffix.lower() not in ENDINGS:
            raise BadTable(path=path, line=0, reason=f"it is none of {', '.join(ENDINGS)}")
        if path.stat().st_size > MOST_BYTES:
            raise BadTable(path=path, line=0, reason=f"it is larger than {MOST_BYTES} bytes")
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _csv(path, file) if path.suffix.lower() == ".csv" else _jsonl(path, file)
    except OSError as error:
        raise BadTable(path=path, line=0, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise BadTable(path=path, line=0, reason="it is not UTF-8 text") from error


def count_rows(path: Path) -> int:
    return sum(1 for _ in read_rows(path))


def write_line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def as_csv(rows: Sequence[Row]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _csv(path: Path, file: Any) -> Iterator[Row]:
    reader = csv.DictReader(file, strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                reason = "it has another number of cells than the header"
                raise BadTable(path=path, line=reader.line_num, reason=reason)
            yield dict(row)
    except csv.Error as error:
        raise BadTable(path=path, line=reader.line_num, reason=str(error)) from error


def _jsonl(path: Path, file: Any) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadTable(path=path, line=number, reason=f"it is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise BadTable(path=path, line=number, reason="it is no JSON object")
        yield row
