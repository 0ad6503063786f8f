"""Has a table the columns that a drawing names? Of a CSV file the header is read, and no row.

It reads as the deployed pipelines do, serving/tables/reader.py. Neither side may import the other:
tests/steps/test_table_columns.py holds both to the same files.
"""

import csv
import io
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

from ...model.base.errors import Problem
from ...model.base.names import did_you_mean
from ...model.drawing.pipeline import Node, Pipeline
from ..errors import PathRefused
from .file_gate import FileGate

# Where a component names columns of the table that it is connected to.
NAMED = {
    "anomaly-detector": ("ignore", "known_column"),
    "forecaster": ("time_column", "value_column"),
    "tabular-model": ("target", "ignore"),
    "text-classifier": ("text_column", "label_column"),
}
QUESTIONS = ("question", "expected")
ENDINGS = (".jsonl", ".ndjson", ".csv", ".tsv")
DELIMITERS = ",;\t|"
QUOTED = re.compile('"[^"]*"?')
IN_BRACES = re.compile(r"\{([^{}]+)\}")
MOST_ROWS = 1000  # of JSON lines: a column may come first in any of them
MOST_BYTES = 5_000_000
MOST_SHOWN = 20
ROW_NAMES = "column 1"


def check_columns(pipeline: Pipeline) -> Iterator[Problem]:
    """The pipeline is settled. What is wrong with a file beside its columns, serving tells."""
    gate, nodes = FileGate.of(os.environ), {node.id: node for node in pipeline.nodes}
    tables = {edge.target: nodes[edge.source] for edge in pipeline.edges}
    for index, node in enumerate(pipeline.nodes):
        field = f"nodes[{index}].config"
        if node.component == "batch-inference":
            yield from _check(
                gate, node.config.get("input"), {"prompt": _in_prompt(node)}, field, 1
            )
        elif node.component == "evaluation":
            path = node.config.get("questions")
            yield from _check(gate, path, {"questions": QUESTIONS}, field)
        elif node.component in NAMED and node.id in tables:
            table = tables[node.id]
            given = table.config.get("path") if table.component == "table" else None
            yield from _check(gate, given, dict(_named(node)), field)


def columns_of(gate: FileGate, path: Path, most_rows: int = MOST_ROWS) -> tuple[str, ...] | None:
    """None where more rows than these may have others. Raises as the gate, ValueError and OSError
    for what is no table.
    """
    content = gate.read(path, MOST_BYTES)
    is_whole = len(content) <= MOST_BYTES
    lines = content if is_whole else content.rpartition(b"\n")[0]
    text = io.StringIO(lines.decode("utf-8-sig"), newline="")
    if path.suffix.lower() in (".csv", ".tsv"):
        return _of_csv(text)
    return _of_json_lines(text, most_rows, is_whole)


def _check(
    gate: FileGate,
    path: Any,
    named: Mapping[str, Sequence[str]],
    field: str,
    most_rows: int = MOST_ROWS,
) -> Iterator[Problem]:
    if not (isinstance(path, str) and path.startswith("/") and path.endswith(ENDINGS)):
        return
    try:
        columns = columns_of(gate, Path(path), most_rows)
    except (PathRefused, OSError, ValueError, RecursionError, csv.Error):
        return
    if columns is None:
        return
    for name, wanted in named.items():
        for column in wanted:
            if column not in columns:
                told = f'{Path(path).name} has no column "{column[:100]}"'
                yield Problem(told, f"{field}.{name}", _fix(column, columns))


def _fix(column: str, columns: Sequence[str]) -> str:
    """The nearest, or the first of them all."""
    known = [each[:60] for each in columns[:MOST_SHOWN]]
    more = f" (and {len(columns) - MOST_SHOWN} more)" if columns[MOST_SHOWN:] else ""
    return did_you_mean(column, known) + more


def _named(node: Node) -> Iterator[tuple[str, Sequence[str]]]:
    for name in NAMED[node.component]:
        value = node.config.get(name)
        yield name, [value] if isinstance(value, str) and value else list(value or ())


def _in_prompt(node: Node) -> Sequence[str]:
    return IN_BRACES.findall(str(node.config.get("prompt", "")))


def _of_csv(text: TextIO) -> tuple[str, ...]:
    header = next(text, "")
    delimiter = max(DELIMITERS, key=QUOTED.sub("", header).count)
    rows = csv.reader(chain((header,), text), delimiter=delimiter, strict=True)
    columns = tuple(cell.strip() for cell in next(rows, ()))
    if not any(columns):
        raise ValueError("it is empty")
    alone = len(columns) > 1 and not columns[0] and all(columns[1:])
    return (ROW_NAMES, *columns[1:]) if alone and ROW_NAMES not in columns else columns


def _of_json_lines(text: TextIO, most_rows: int, is_whole: bool) -> tuple[str, ...] | None:
    lines = filter(str.strip, text)
    columns: dict[str, None] = {}
    for line in islice(lines, most_rows):
        row = json.loads(line)
        columns |= dict.fromkeys(row if isinstance(row, dict) else ())
    are_all = is_whole and next(lines, None) is None
    return tuple(columns) if are_all or most_rows == 1 else None
