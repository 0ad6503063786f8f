"""A whole table as rows of texts, each with its number in the file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from serving import errors
from serving.tables.reader import MOST_COLUMNS, Problem, Row, read_content

MOST_BYTES = 50_000_000
MOST_CELLS = 5_000_000


@dataclass(frozen=True)
class Rows:
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    problems: tuple[str, ...]  # of rows that are left out


def collect(name: str, rows: Iterable[Row | Problem]) -> Rows:
    """All columns in every row. Raises UnreadableTable when there is no table in it at all."""
    read = [_texts(row) for row in rows]
    texts = [row for row in read if isinstance(row, Row)]
    problems = tuple(str(row) for row in read if isinstance(row, Problem))
    if not read:
        raise errors.UnreadableTable(
            table=name, reason="it has no rows", fix="Give rows below its header."
        )
    columns = tuple(dict.fromkeys(column for row in texts for column in row.values))
    if len(columns) > MOST_COLUMNS:
        raise errors.UnreadableTable(table=name, reason=f"more than {MOST_COLUMNS} columns")
    if len(columns) * len(texts) > MOST_CELLS:
        raise errors.UnreadableTable(table=name, reason=f"more than {MOST_CELLS} cells")
    cells = tuple(tuple(row.values.get(column, "") for column in columns) for row in texts)
    return Rows(columns, cells, tuple(row.number for row in texts), problems)


def read_rows(name: str, content: bytes) -> Rows:
    """Raises UnreadableTable."""
    return collect(name, read_content(name, content, MOST_BYTES))


def as_text(value: Any) -> str:
    """A JSON value as a CSV file would hold it; raises ValueError for what fits no cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value).strip()
    raise ValueError("is neither text nor a number")


def _texts(row: Row | Problem) -> Row | Problem:
    if isinstance(row, Problem):
        return row
    texts = {}
    for column, value in row.values.items():
        try:
            texts[column] = as_text(value)
        except ValueError as error:
            return Problem(row.number, f"{column} {error}")
    return Row(row.number, texts)
