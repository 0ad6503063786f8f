"""API keys: made once, shown once, kept only as a digest.

SHA-256 and no password hash: a key is 256 random bits, which nobody guesses however fast a guess
is, and every request pays for the check. Argon2 is for what people think up.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from gateway.access.errors import KeyNameTaken, Unauthorized, UnknownKey
from gateway.access.roles import Grant, Principal, Role
from gateway.state.database import Database
from gateway.state.tables import KEYS

PREFIX = "mlops"
WRONG = "The API key is missing or wrong"
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class NewKey:
    name: str
    role: Role
    workspace: str
    deployments: frozenset[str] | None
    expires_at: datetime | None
    created_by: str


@dataclass(frozen=True)
class KnownKey:
    """What is known of a key; not the key."""

    id: str
    name: str
    role: Role
    workspace: str
    deployments: frozenset[str] | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def lives(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def principal(self) -> Principal:
        grant = Grant(self.role, self.workspace, self.deployments)
        return Principal(f"key:{self.name}", (grant,))


class Keys:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, new: NewKey, now: datetime) -> tuple[str, KnownKey]:
        """The key itself, never seen again, and what is known of it. Raises KeyNameTaken."""
        id_ = secrets.token_hex(4)
        key = f"{PREFIX}_{id_}_{secrets.token_urlsafe(32)}"
        row = {"id": id_, "digest": _digest(key), "live_name": new.name, "created_at": now}
        row |= {**vars(new), "role": new.role.value, "deployments": _listed(new.deployments)}
        await self._database.write(lambda connection: _insert(connection, row))
        known = {"last_used_at": None, "revoked_at": None, **row}
        return key, _known(known)

    async def all(self) -> list[KnownKey]:
        query = select(KEYS).order_by(KEYS.c.created_at)
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return [_known(dict(row)) for row in rows]

    async def revoke(self, id_or_name: str, now: datetime) -> KnownKey:
        """Raises UnknownKey."""
        return await self._database.write(lambda c: _revoke(c, id_or_name, now))

    async def known(self, key: str, now: datetime) -> KnownKey:
        """Which key it is. Raises Unauthorized."""
        parts = key.split("_", 2)
        if len(parts) != 3 or parts[0] != PREFIX:
            raise Unauthorized(reason=WRONG)
        query = select(KEYS).where(KEYS.c.id == parts[1])
        row = await self._database.read(lambda c: c.execute(query).mappings().first())
        if not hmac.compare_digest(_digest(key), row["digest"] if row else "") or not row:
            raise Unauthorized(reason=WRONG)
        known = _known(dict(row))
        if not known.lives(now):
            ended = "was revoked" if known.revoked_at else "has expired"
            raise Unauthorized(reason=f"The API key {known.name} {ended}")
        await self._note_use(known, now)
        return known

    async def _note_use(self, known: KnownKey, now: datetime) -> None:
        """Now and then: a write a request would be dear, and nobody asks to the second."""
        if known.last_used_at is None or now - known.last_used_at >= NOTED_EVERY:
            note = update(KEYS).where(KEYS.c.id == known.id).values(last_used_at=now)
            await self._database.write(lambda connection: connection.execute(note))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _listed(deployments: frozenset[str] | None) -> list[str] | None:
    return None if deployments is None else sorted(deployments)


def _insert(connection: Connection, row: Mapping[str, Any]) -> None:
    of_that_name = KEYS.c.live_name == row["name"]
    expired = of_that_name & (KEYS.c.expires_at <= row["created_at"])
    connection.execute(update(KEYS).where(expired).values(live_name=None))
    if connection.scalar(select(KEYS.c.id).where(of_that_name)):
        raise KeyNameTaken(name=row["name"])
    connection.execute(insert(KEYS).values(**row))


def _revoke(connection: Connection, id_or_name: str, now: datetime) -> KnownKey:
    named = (KEYS.c.id == id_or_name) | (KEYS.c.live_name == id_or_name)
    row = connection.execute(select(KEYS).where(named)).mappings().first()
    if row is None:
        raise UnknownKey(name=id_or_name)
    ended = {"revoked_at": row["revoked_at"] or now, "live_name": None}
    connection.execute(update(KEYS).where(KEYS.c.id == row["id"]).values(**ended))
    return _known({**row, **ended})


def _known(row: Mapping[str, Any]) -> KnownKey:
    fields = {name: row[name] for name in KnownKey.__dataclass_fields__}
    listed = row["deployments"]
    fields |= {"role": Role(row["role"])}
    fields |= {"deployments": None if listed is None else frozenset(listed)}
    return KnownKey(**fields)
