"""Browsers' sessions: who they are of, and how often their refresh token was renewed."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from gateway.access.errors import SignInRefused
from gateway.access.roles import Grant, Principal, Role
from gateway.state.database import Database
from gateway.state.tables import SESSIONS

# Two tabs renew at the same moment, and an answer may be lost on its way.
GRACE = timedelta(seconds=10)
FORGOTTEN_AFTER = timedelta(days=30)


class Renewal(StrEnum):
    renewed = "renewed"
    over = "over"
    # A token that was renewed long ago is shown again: somebody has a copy.
    reused = "reused"


@dataclass(frozen=True)
class Session:
    id: str
    principal: Principal
    opened_by: str
    generation: int
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime


class Sessions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(
        self, principal: Principal, opened_by: str, now: datetime, until: datetime, once: str = ""
    ) -> Session:
        """`once`: an id of its own. Raises SignInRefused where there was such a session."""
        id_ = once or secrets.token_hex(8)
        session = Session(id_, principal, opened_by, 1, now, now, until)
        await self._database.write(lambda connection: _open(connection, session))
        return session

    async def renew(
        self, id_: str, generation: int, now: datetime
    ) -> tuple[Renewal, Session | None]:
        return await self._database.write(lambda c: _renew(c, id_, generation, now))

    async def end(self, id_: str, now: datetime) -> Session | None:
        """None where it was over before."""
        return await self._database.write(lambda c: _end(c, id_, now))

    async def end_opened_by(self, opened_by: str, now: datetime) -> list[str]:
        """The ids of those that ended."""
        return await self._database.write(lambda c: _end_opened_by(c, opened_by, now))

    async def living(self, now: datetime) -> list[Session]:
        query = select(SESSIONS).where(_lives(now)).order_by(SESSIONS.c.created_at)
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return [_session(dict(row)) for row in rows]


def _lives(now: datetime) -> Any:
    return SESSIONS.c.ended_at.is_(None) & (SESSIONS.c.expires_at > now)


def _open(connection: Connection, session: Session) -> None:
    forgotten = SESSIONS.c.expires_at < session.created_at - FORGOTTEN_AFTER
    connection.execute(delete(SESSIONS).where(forgotten))
    if connection.scalar(select(SESSIONS.c.id).where(SESSIONS.c.id == session.id)):
        raise SignInRefused(reason="this answer of the provider was used before")
    fields = {**vars(session), "who": session.principal.name}
    del fields["principal"]
    grants = [written_grant(grant) for grant in session.principal.grants]
    connection.execute(insert(SESSIONS).values(**fields, grants=grants))


def _renew(
    connection: Connection, id_: str, generation: int, now: datetime
) -> tuple[Renewal, Session | None]:
    session = _living(connection, id_, now)
    if session is None:
        return Renewal.over, None
    late = generation == session.generation - 1 and now - session.refreshed_at < GRACE
    if generation == session.generation:
        after = {"generation": generation + 1, "refreshed_at": now}
        connection.execute(update(SESSIONS).where(SESSIONS.c.id == id_).values(**after))
        return Renewal.renewed, _living(connection, id_, now)
    if late:
        return Renewal.renewed, session
    connection.execute(update(SESSIONS).where(SESSIONS.c.id == id_).values(ended_at=now))
    return Renewal.reused, session


def _end(connection: Connection, id_: str, now: datetime) -> Session | None:
    session = _living(connection, id_, now)
    connection.execute(update(SESSIONS).where(SESSIONS.c.id == id_).values(ended_at=now))
    return session


def _end_opened_by(connection: Connection, opened_by: str, now: datetime) -> list[str]:
    theirs = _lives(now) & (SESSIONS.c.opened_by == opened_by)
    ids = list(connection.scalars(select(SESSIONS.c.id).where(theirs)))
    connection.execute(update(SESSIONS).where(theirs).values(ended_at=now))
    return ids


def _living(connection: Connection, id_: str, now: datetime) -> Session | None:
    query = select(SESSIONS).where(_lives(now) & (SESSIONS.c.id == id_))
    row = connection.execute(query).mappings().first()
    return _session(dict(row)) if row else None


def _session(row: Mapping[str, Any]) -> Session:
    principal = Principal(row["who"], tuple(map(read_grant, row["grants"])))
    kept = ("id", "opened_by", "generation", "created_at", "refreshed_at", "expires_at")
    return Session(principal=principal, **{name: row[name] for name in kept})


def written_grant(grant: Grant) -> dict[str, Any]:
    names = None if grant.deployments is None else sorted(grant.deployments)
    return {"role": grant.role.value, "workspace": grant.workspace, "deployments": names}


def read_grant(written: Mapping[str, Any]) -> Grant:
    names = written["deployments"]
    over = None if names is None else frozenset(names)
    return Grant(Role(written["role"]), written["workspace"], over)
