"""The first of what a source or a splitter gives, cut to what a person looks at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from serving.port_types import Cell, Chunks, Documents, Images, Port, Table

MOST_TEXTS = 10
MOST_ROWS = 10
MOST_COLUMNS = 100
MOST_CLASSES = 100
MOST_CHARACTERS = 1000
MOST_CELL_CHARACTERS = 200


@dataclass(frozen=True)
class Text:
    """`page` is None where there are no pages."""

    document: str
    page: int | None
    text: str
    section: str = ""


@dataclass(frozen=True)
class ColumnKind:
    name: str
    kind: str


@dataclass(frozen=True)
class Sample:
    """`count` is how many pages, passages, rows or images there are; the rest are the first."""

    of: str
    count: int
    texts: tuple[Text, ...] = ()
    columns: tuple[ColumnKind, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    classes: Mapping[str, int] = field(default_factory=dict)


def sample(port: Port | None) -> Sample | None:
    match port:
        case Documents():
            texts = (Text(page.name, page.page, page.text) for page in port.pages)
            return Sample("page", len(port.pages), _first(texts))
        case Chunks():
            texts = (Text(c.document, c.page, c.text, c.section) for c in port.items)
            return Sample("passage", len(port.items), _first(texts))
        case Table():
            return _of_table(port)
        case Images():
            classes = {name: len(files) for name, files in port.classes.items()}
            count = sum(classes.values())
            return Sample("image", count, classes=dict(islice(classes.items(), MOST_CLASSES)))
    return None


def _first(texts: Iterable[Text]) -> tuple[Text, ...]:
    return tuple(
        replace(each, text=each.text[:MOST_CHARACTERS]) for each in islice(texts, MOST_TEXTS)
    )


def _of_table(table: Table) -> Sample:
    columns = table.columns[:MOST_COLUMNS]
    rows = tuple(
        tuple(_short(cell) for cell in row[: len(columns)]) for row in table.rows[:MOST_ROWS]
    )
    kinds = tuple(ColumnKind(column.name, column.kind) for column in columns)
    return Sample("row", len(table.rows), columns=kinds, rows=rows)


def _short(cell: Cell) -> Cell:
    return cell[:MOST_CELL_CHARACTERS] if isinstance(cell, str) else cell
