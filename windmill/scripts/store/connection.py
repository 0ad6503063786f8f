"""The way to the registry's database: SQLite or Postgres, by its URL."""

# The driver is named by the URL, so no import tells of it.
# extra_requirements:
# psycopg

from contextlib import suppress
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import Engine, create_engine, event


def connect(url: str) -> Engine:
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if url.startswith("sqlite"):
        _keep_private(engine.url.database)
        event.listen(engine, "connect", _tune_sqlite)
    return engine


def _keep_private(file: str | None) -> None:
    if file and Path(file).parent.is_dir():
        Path(file).touch(mode=0o600)


def _tune_sqlite(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA busy_timeout=10000")
    # It stays on. Where the file is locked another process is turning it on, and waiting is no use.
    with suppress(OperationalError):
        connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
