"""From texts to cells: what kind each column is, and which rows do not fit it."""

import re
from collections.abc import Sequence

from serving.port_types import Cell, Column, Notation, Table
from serving.tables.notation import notation_of, number
from serving.tables.rows import Rows, read_rows

MISSING = {"", "na", "n/a", "nan", "null"}
TRUTH = {"true", "false"}  # JSON's words and Python's are the same category
MOST_CATEGORIES = 50
CODE = re.compile("[A-Z]{2}")


def read_table(name: str, content: bytes) -> Table:
    """Raises UnreadableTable."""
    return table_of(name, read_rows(name, content))


def table_of(name: str, rows: Rows) -> Table:
    """The rows that fit; what is wrong with the others is in `skipped`."""
    columns = _columns(rows)
    cells, numbers, problems = [], [], list(rows.problems)
    for at, row in zip(rows.numbers, rows.cells, strict=True):
        try:
            cells.append(tuple(map(cell, columns, row)))
            numbers.append(at)
        except ValueError as error:
            problems.append(f"row {at}: {error}")
    return Table(name, columns, tuple(cells), tuple(numbers), tuple(problems))


def cell(column: Column, text: str) -> Cell:
    if text.lower() in MISSING and not (column.na_is_a_code and text == "NA"):
        return None
    if column.kind != "number":
        return text.lower() if text.lower() in TRUTH else text
    value = number(text, column.notation)
    if value is None:
        raise ValueError(f'{column.name}: "{text[:60]}" is not a number')
    return value


def _columns(rows: Rows) -> tuple[Column, ...]:
    """A file is written one way: what one column tells of its numbers holds for the others."""
    given = [_given([row[at] for row in rows.cells]) for at in range(len(rows.columns))]
    notations = {notation_of(_without_na(texts)) for texts in given} - {"plain", None}
    hint = notations.pop() if len(notations) == 1 else None
    return tuple(
        _column(name, texts, hint) for name, texts in zip(rows.columns, given, strict=True)
    )


def _column(name: str, given: Sequence[str], hint: Notation | None) -> Column:
    others = _without_na(given)
    if notation := notation_of(others, hint):
        return Column(name, "number", notation)
    codes = bool(others) and all(map(CODE.fullmatch, others))
    present = given if codes else others
    different = len(set(present))
    few = different <= min(MOST_CATEGORIES, max(2, len(present) // 2))
    return Column(name, "category" if few else "text", na_is_a_code=codes)


def _without_na(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if text != "NA"]


def _given(texts: Sequence[str]) -> list[str]:
    """Whether NA is one, its neighbours tell."""
    return [text for text in texts if text == "NA" or text.lower() not in MISSING]
