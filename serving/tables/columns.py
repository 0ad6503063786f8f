"""From texts to cells: what kind each column is, and which rows do not fit it."""

import math
from collections.abc import Sequence

from serving.port_types import Cell, Column, Kind, Table
from serving.tables.rows import Rows, read_rows

MISSING = {"", "na", "n/a", "nan", "null"}
TRUTH = {"true", "false"}  # JSON's words and Python's are the same category
NUMBERS_SHARE = 0.9  # a column of so many numbers is one, and what else it holds is a mistake
MOST_CATEGORIES = 50


def read_table(name: str, content: bytes) -> Table:
    """Raises UnreadableTable."""
    return table_of(name, read_rows(name, content))


def table_of(name: str, rows: Rows) -> Table:
    """The rows that fit; what is wrong with the others is in `skipped`."""
    columns = tuple(
        Column(name, _kind([row[at] for row in rows.cells])) for at, name in enumerate(rows.columns)
    )
    cells, numbers, problems = [], [], list(rows.problems)
    for number, row in zip(rows.numbers, rows.cells, strict=True):
        try:
            cells.append(tuple(map(cell, columns, row)))
            numbers.append(number)
        except ValueError as error:
            problems.append(f"row {number}: {error}")
    return Table(name, columns, tuple(cells), tuple(numbers), tuple(problems))


def cell(column: Column, text: str) -> Cell:
    if text.lower() in MISSING:
        return None
    if column.kind != "number":
        return text.lower() if text.lower() in TRUTH else text
    number = _number(text)
    if number is None:
        raise ValueError(f'{column.name}: "{text[:60]}" is not a number')
    return number


def _kind(texts: Sequence[str]) -> Kind:
    given = [text for text in texts if text.lower() not in MISSING]
    numbers = sum(_number(text) is not None for text in given)
    if given and numbers >= NUMBERS_SHARE * len(given):
        return "number"
    different = len(set(given))
    return "category" if different <= min(MOST_CATEGORIES, max(2, len(given) // 2)) else "text"


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None
