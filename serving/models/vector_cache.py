"""Vectors by the hash of their text, in SQLite: a crash costs at most the batch it interrupted."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serving.port_types import Matrix

KEYS_PER_QUERY = 500


class VectorCache:
    """Used from one thread only, which is why it connects late."""

    def __init__(self, path: Path, model: str) -> None:
        self._path = path
        self._model = model
        self._connection: sqlite3.Connection | None = None

    def load(self, keys: Sequence[str]) -> "dict[str, Matrix]":
        import numpy as np

        vectors: dict[str, Matrix] = {}
        for start in range(0, len(keys), KEYS_PER_QUERY):
            part = keys[start : start + KEYS_PER_QUERY]
            marks = ",".join("?" * len(part))
            query = f"SELECT key, vector FROM vectors WHERE model = ? AND key IN ({marks})"  # noqa: S608 only marks
            for key, vector in self._database().execute(query, [self._model, *part]):
                vectors[key] = np.frombuffer(vector, dtype=np.float32)
        return vectors

    def save(self, vectors: "Mapping[str, Matrix]") -> None:
        rows = [(self._model, key, vector.tobytes()) for key, vector in vectors.items()]
        with self._database() as database:
            database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def keep_only(self, keys: Sequence[str]) -> None:
        """A vector tells of its text: what is not there any more has none."""
        database = self._database()
        with database:
            database.execute("CREATE TEMP TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY)")
            database.execute("DELETE FROM kept")
            database.executemany("INSERT OR IGNORE INTO kept VALUES (?)", [(key,) for key in keys])
            gone = database.execute("DELETE FROM vectors WHERE key NOT IN (SELECT key FROM kept)")
        if gone.rowcount:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _database(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = _open(self._path)
            except sqlite3.DatabaseError:  # not a database any more: it is only a cache
                self._path.unlink()
                self._connection = _open(self._path)
        return self._connection


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA secure_delete = ON")
    database.execute(
        "CREATE TABLE IF NOT EXISTS vectors"
        " (model TEXT, key TEXT, vector BLOB NOT NULL, PRIMARY KEY (model, key)) WITHOUT ROWID"
    )
    return database
