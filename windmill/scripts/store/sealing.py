"""Seals what an earlier version kept plain or an earlier key sealed, row by row.

It may be stopped at any moment and run again: what is sealed with the newest key is left alone.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, Text, and_, cast, inspect, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from .cells import SEALED_COLUMNS, Cells
from .exclusive import alone_with
from .tables import Base
from .wiping import wipe

EMPTY = ("", "{}", "null")
OnProgress = Callable[[int, int], None]


def seal_all(
    engine: Engine, keys: Sequence[str], on_progress: OnProgress = lambda done, total: None
) -> int:
    """How many rows were written. Raises RegistryKeyMissing, RegistryCellUnreadable."""
    cells = Cells(keys)
    if not cells.newest:
        return 0
    old = list(_old(engine, cells.newest))
    for done, (table, key) in enumerate(old, 1):
        _seal(engine, cells, table, key)
        on_progress(done, len(old))
    if old:
        wipe(engine, [table.__tablename__ for table in SEALED_COLUMNS])
    return len(old)


def _old(engine: Engine, newest: str) -> Iterator[tuple[type[Base], tuple[Any, ...]]]:
    with engine.connect() as connection:
        for table in SEALED_COLUMNS:
            yield from ((table, tuple(key)) for key in connection.execute(_keys(table, newest)))


def _keys(table: type[Base], newest: str) -> Select[Any]:
    columns = [getattr(table, name) for name in SEALED_COLUMNS[table]]
    key = inspect(table).primary_key
    return select(*key).where(or_(*(_is_old(each, newest) for each in columns))).order_by(*key)


def _is_old(column: InstrumentedAttribute[Any], newest: str) -> ColumnElement[bool]:
    """A sealed JSON column holds a text, in quotes."""
    text = cast(column, Text)
    current = or_(text.startswith(newest), text.startswith(f'"{newest}'))
    return and_(column.is_not(None), text.not_in(EMPTY), ~current)


def _seal(engine: Engine, cells: Cells, table: type[Base], key: tuple[Any, ...]) -> None:
    with alone_with(engine) as connection, Session(connection) as session:
        row = session.get(table, key, with_for_update=True)
        if row is None:
            return
        for column in SEALED_COLUMNS[table]:
            cells.set(row, column, cells.get(row, column))
        session.flush()
