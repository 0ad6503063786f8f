import fcntl
import json
import os
import signal
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import IO, Any

from engine.errors import DatabaseInUse

_ADDED_LATER = (
    ("job", "modules", "text"),
    ("job", "preprocesses", "integer not null default 0"),
)


class Database:
    """One connection, used from one thread; every change of state is one `tx`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._only_owner = _own(path)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.create_function("contains", 2, _contains, deterministic=True)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.execute("pragma secure_delete = on")
        self._connection.executescript(
            resources.files("engine.store").joinpath("schema.sql").read_text()
        )
        self._add_missing_columns()
        self._depth = 0
        self._commits = 0
        self._fault_at = int(os.environ.get("ENGINE_FAULT_AT", "0"))

    def _add_missing_columns(self) -> None:
        """Of a database that an earlier version made."""
        for table, column, kind in _ADDED_LATER:
            if column not in {row["name"] for row in self.rows(f"pragma table_info({table})")}:
                self._connection.execute(f"alter table {table} add column {column} {kind}")

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def value(self, sql: str, *values: Any) -> Any:
        row = self.row(sql, *values)
        return row[0] if row else None

    def run(self, sql: str, *values: Any) -> int:
        with self.tx():
            return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, values: dict[str, Any]) -> None:
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        self.run(f"insert into {table} ({columns}) values ({marks})", *values.values())  # noqa: S608

    def update(self, table: str, values: dict[str, Any], where: str, *keys: Any) -> int:
        assignments = ", ".join(f"{column} = ?" for column in values)
        return self.run(f"update {table} set {assignments} where {where}", *values.values(), *keys)  # noqa: S608

    @contextmanager
    def tx(self) -> Iterator[None]:
        if self._depth:
            yield
            return
        self._connection.execute("begin immediate")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        else:
            self._commit()
        finally:
            self._depth -= 1

    def _commit(self) -> None:
        self._commits += 1
        if self._fault_at == -self._commits:
            os.kill(os.getpid(), signal.SIGKILL)
        self._connection.execute("commit")
        if self._fault_at == self._commits:
            os.kill(os.getpid(), signal.SIGKILL)

    def wipe(self) -> None:
        """Leaves nothing of what was overwritten, neither in the file nor in its log."""
        self._connection.execute("vacuum")
        self.wipe_log()

    def wipe_log(self) -> None:
        """The file itself is overwritten where something is deleted; its log is not."""
        self._connection.execute("pragma wal_checkpoint(truncate)")

    def close(self) -> None:
        self._connection.close()
        self._only_owner.close()


def marks(values: Iterable[Any]) -> str:
    return ", ".join("?" for _ in values)


def _own(path: Path) -> IO[str]:
    """Two engines on one database would run everything twice and kill each other's jobs."""
    file = path.with_name(f"{path.name}.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise DatabaseInUse(path) from error
    return file


def _contains(whole: str | None, part: str) -> bool:
    return whole is not None and _includes(json.loads(whole), json.loads(part))


def _includes(whole: Any, part: Any) -> bool:
    """JSON containment as Postgres's @>: objects by key, arrays as sets."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            k in whole and _includes(whole[k], v) for k, v in part.items()
        )
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(_includes(w, p) for w in whole) for p in part)
    return bool(whole == part)
