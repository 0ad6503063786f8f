"""Rows as people type them: columns with values, or JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cli.errors import BadOption

SEVERAL = "Give each row as JSON: --row '{\"COLUMN\": VALUE}' --row '…', or a file: --file rows.csv"


def rows_of(given: Sequence[str], more: Sequence[str] = ()) -> list[Any]:
    """`given` are rows in JSON, or, with `more`, columns of one row. Raises BadOption."""
    rows = [_json(text) for text in given if text.lstrip().startswith("{")]
    pairs = [text for text in (*given, *more) if not text.lstrip().startswith("{")]
    return [*rows, _row(pairs)] if pairs else rows


def typed(row: Mapping[str, Any]) -> Iterable[str]:
    """The other way round, as arguments."""
    return (f"{column}={'' if value is None else value}" for column, value in row.items())


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadOption(what=f"the row is no JSON object: {error}", fix=SEVERAL) from None


def _row(pairs: Iterable[str]) -> dict[str, str]:
    row: dict[str, str] = {}
    for text in pairs:
        column, sign, value = text.partition("=")
        if not (sign and column):
            raise BadOption(what=f"{text[:80]!r} is not COLUMN=VALUE", fix=SEVERAL)
        if column in row:
            raise BadOption(what=f"column {column!r} is given twice", fix=SEVERAL)
        row[column] = value
    return row
