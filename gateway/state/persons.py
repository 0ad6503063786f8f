"""What the gateway keeps of a person: told, or taken away."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select, update

from gateway.state.audit import Audit
from gateway.state.database import Database
from gateway.state.tables import AUDIT, KEYS, SESSIONS


@dataclass(frozen=True)
class Forgotten:
    """How many entries had the name. Nobody keeps whom the pseudonym stands for."""

    pseudonym: str
    keys: int
    sessions: int
    audit: int


class Persons:
    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    async def known(self, name: str) -> dict[str, list[dict[str, Any]]]:
        """Rows of keys, sessions and the audit log; no digest of a key."""
        return await self._database.read(lambda connection: _known(connection, name))

    async def forget(self, name: str, now: datetime) -> Forgotten:
        """Raises AuditTampered: sealed anew, the log would hide it."""
        forgotten = await self._database.write(lambda c: self._forget(c, name, now))
        await self._database.wipe([KEYS.name, SESSIONS.name, AUDIT.name])
        return forgotten

    def _forget(self, connection: Connection, name: str, now: datetime) -> Forgotten:
        pseudonym = f"person-{secrets.token_hex(4)}"
        keys = _forget_keys(connection, name, pseudonym, now)
        ended = connection.execute(delete(SESSIONS).where(_of(SESSIONS, "who", name))).rowcount
        entries = self._audit.rename(connection, name, pseudonym, now)
        if not (keys or ended or entries):
            return Forgotten("", 0, 0, 0)
        return Forgotten(pseudonym, keys, ended, entries)


def _known(connection: Connection, name: str) -> dict[str, list[dict[str, Any]]]:
    audit = or_(_of(AUDIT, "who", name), _of(AUDIT, "what", name))
    keys = or_(_of(KEYS, "name", name), _of(KEYS, "created_by", name))
    return {
        "keys": _rows(connection, KEYS, keys, without=("digest",)),
        "sessions": _rows(connection, SESSIONS, _of(SESSIONS, "who", name)),
        "audit": _rows(connection, AUDIT, audit),
    }


def _rows(
    connection: Connection, table: Table, where: ColumnElement[bool], without: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    columns = [column for column in table.columns if column.name not in without]
    found = connection.execute(select(*columns).where(where)).mappings()
    return [dict(row) for row in found]


def _forget_keys(connection: Connection, name: str, pseudonym: str, now: datetime) -> int:
    own, made = _of(KEYS, "name", name), _of(KEYS, "created_by", name)
    count = connection.scalar(select(func.count()).select_from(KEYS).where(or_(own, made))) or 0
    ended: Mapping[str, Any] = {
        "name": pseudonym,
        "live_name": None,
        "revoked_at": func.coalesce(KEYS.c.revoked_at, now),
    }
    connection.execute(update(KEYS).where(own).values(**ended))
    connection.execute(update(KEYS).where(made).values(created_by=pseudonym))
    return count


def _of(table: Table, column: str, name: str) -> ColumnElement[bool]:
    """`ann` is also `key:ann`, and whom a provider calls so."""
    kept = table.columns[column]
    return or_(kept == name, kept.endswith(f":{name}", autoescape=True))
