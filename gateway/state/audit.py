"""Who did what, append-only: each entry is sealed together with the one before it.

Seals are HMACs, so that whoever can write to the database alone cannot write another history. The
two ends are sealed as well: entries that are cut off, in front or behind, are missed.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from gateway.access.errors import AuditTampered
from gateway.state.database import Database
from gateway.state.tables import AUDIT, AUDIT_CHANGING, AUDIT_ENDS

BEGINNING = "0" * 64
PRUNED_EVERY = 500
OLDEST, NEWEST = "oldest", "newest"
FORGET = "forget a person"


@dataclass(frozen=True)
class Entry:
    """`what` names a deployment, entry, key or secret; never what was sent."""

    at: datetime
    who: str
    address: str
    action: str
    what: str
    outcome: str
    status: int
    detail: str = ""


@dataclass(frozen=True)
class Kept(Entry):
    number: int = 0
    seal: str = ""


@dataclass(frozen=True)
class Wanted:
    """What is looked for; texts may stand anywhere in the entry's."""

    since: datetime | None = None
    who: str = ""
    what: str = ""
    limit: int = 100


@dataclass(frozen=True)
class Verdict:
    """`seal`: the newest entry's. Kept elsewhere, it proves later that nothing was rewritten."""

    entries: int
    seal: str
    problems: tuple[str, ...]


class Seals:
    """The newest secret seals; earlier ones are still recognised."""

    def __init__(self, secrets: Sequence[str]) -> None:
        keys = [hmac.digest(s.encode(), b"mlops audit log", "sha256") for s in secrets]
        self._keys = {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}
        self._newest = next(iter(self._keys))

    def make(self, *parts: Any, key: str = "") -> str:
        """`<key's id>:<seal>`"""
        id_ = key or self._newest
        text = json.dumps(parts, ensure_ascii=False, default=str)
        return f"{id_}:{hmac.new(self._keys[id_], text.encode(), 'sha256').hexdigest()}"

    def fits(self, seal: str, *parts: Any) -> bool:
        key = seal.partition(":")[0]
        known = key in self._keys
        return known and hmac.compare_digest(seal, self.make(*parts, key=key))


class Audit:
    def __init__(self, database: Database, seals: Seals, keep_days: int, keep_entries: int) -> None:
        self._database = database
        self._seals = seals
        self._keep_days = keep_days
        self._keep_entries = keep_entries

    async def append(self, entry: Entry) -> None:
        await self._database.write(lambda connection: self._append(connection, entry))

    async def find(self, wanted: Wanted) -> list[Kept]:
        """The newest that fit, oldest of them first."""
        return await self._database.read(lambda connection: _find(connection, wanted))

    async def verify(self, known_seal: str = "") -> Verdict:
        return await self._database.read(lambda connection: self._verify(connection, known_seal))

    def rename(self, connection: Connection, name: str, other: str, now: datetime) -> int:
        """Puts `other` in the place of who did something or whom it was done to, and seals anew.

        How many entries had the name. Raises AuditTampered.
        """
        found = or_(*(_names(column, name) for column in (AUDIT.c.who, AUDIT.c.what)))
        numbers = connection.scalars(select(AUDIT.c.number).where(found)).all()
        if not numbers:
            return 0
        verdict = self._verify(connection, "")
        if verdict.problems:
            raise AuditTampered(reason=verdict.problems[0])
        with _changing(connection, FORGET):
            self._seal_from(connection, min(numbers), name, other)
        # Whoever kept that seal elsewhere still finds it, in an entry that is sealed itself.
        told = f"{len(numbers)} entries; sealed before: {verdict.seal}"
        entry = Entry(now, "gateway", "", FORGET, other, "done", 200, told)
        self._add(connection, entry, *_end(connection, NEWEST))
        return len(numbers)

    def _seal_from(self, connection: Connection, first: int, name: str, other: str) -> None:
        before = connection.scalar(select(AUDIT.c.seal).where(AUDIT.c.number == first - 1))
        seal = before or _end(connection, OLDEST)[1]
        rows = select(AUDIT).where(AUDIT.c.number >= first).order_by(AUDIT.c.number)
        for row in connection.execute(rows).mappings().all():
            entry = _without(_entry(row), name, other)
            number = row["number"]
            seal = self._seals.make(seal, number, *_values(entry))
            changed = update(AUDIT).where(AUDIT.c.number == number)
            connection.execute(changed.values(seal=seal, **vars(entry)))
            self._set_end(connection, NEWEST, number, seal)

    def _append(self, connection: Connection, entry: Entry) -> None:
        number, seal = self._add(connection, entry, *_end(connection, NEWEST))
        if number % PRUNED_EVERY == 0 and (gone := self._prune(connection, entry.at, number)):
            told = Entry(entry.at, "gateway", "", "prune audit log", "", "done", 200, f"{gone}")
            self._add(connection, told, number, seal)

    def _add(self, connection: Connection, entry: Entry, last: int, before: str) -> tuple[int, str]:
        number = last + 1
        seal = self._seals.make(before, number, *_values(entry))
        connection.execute(insert(AUDIT).values(number=number, seal=seal, **vars(entry)))
        self._set_end(connection, NEWEST, number, seal)
        return number, seal

    def _prune(self, connection: Connection, now: datetime, newest: int) -> int:
        old = AUDIT.c.at < now - timedelta(days=self._keep_days)
        last_old = connection.scalar(select(func.max(AUDIT.c.number)).where(old)) or 0
        last = max(last_old, newest - self._keep_entries)
        query = select(AUDIT.c.number, AUDIT.c.seal).where(AUDIT.c.number == last)
        if row := connection.execute(query).first():
            self._set_end(connection, OLDEST, row.number, row.seal)
        with _changing(connection, "prune"):
            return connection.execute(delete(AUDIT).where(AUDIT.c.number <= last)).rowcount

    def _set_end(self, connection: Connection, end: str, number: int, seal: str) -> None:
        values = {"number": number, "seal": seal, "own_seal": self._seals.make(end, number, seal)}
        known = AUDIT_ENDS.c.which == end
        if not connection.execute(update(AUDIT_ENDS).where(known).values(**values)).rowcount:
            connection.execute(insert(AUDIT_ENDS).values(which=end, **values))

    def _verify(self, connection: Connection, known_seal: str) -> Verdict:
        number, seal = _end(connection, OLDEST)
        problems = [f"its {end} end was tampered with" for end in self._false_ends(connection)]
        found = number == 0 and not known_seal
        count = 0
        for row in connection.execute(select(AUDIT).order_by(AUDIT.c.number)).mappings():
            problems += self._wrong_with(row, number, seal)
            number, seal, count = row["number"], row["seal"], count + 1
            found = found or known_seal in (seal, _sealed_before(row))
        if (number, seal) != _end(connection, NEWEST):
            problems.append(f"entries after {number} are missing")
        if known_seal and not found:
            problems.append("the entry of that seal is not there any more")
        return Verdict(count, seal, tuple(problems))

    def _false_ends(self, connection: Connection) -> list[str]:
        rows = connection.execute(select(AUDIT_ENDS)).all()
        false = [
            row.which
            for row in rows
            if not self._seals.fits(row.own_seal, row.which, row.number, row.seal)
        ]
        kept = connection.scalar(select(AUDIT.c.number).limit(1))
        return false or ([NEWEST] if kept and NEWEST not in {r.which for r in rows} else [])

    def _wrong_with(self, row: Mapping[Any, Any], last: int, before: str) -> list[str]:
        number = row["number"]
        if number != last + 1:
            return [f"entries {last + 1} to {number - 1} are missing"]
        entry = _entry(row)
        fits = self._seals.fits(row["seal"], before, number, *_values(entry))
        return [] if fits else [f"entry {number} is not what was written, or not where"]


@contextmanager
def _changing(connection: Connection, why: str) -> Iterator[None]:
    """The log is append-only but for whom says why; nobody else sees it said."""
    connection.execute(insert(AUDIT_CHANGING).values(why=why))
    yield
    connection.execute(delete(AUDIT_CHANGING))


def _names(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """`ann` is also `key:ann`."""
    return or_(column == name, column.endswith(f":{name}", autoescape=True))


def _without(entry: Entry, name: str, other: str) -> Entry:
    """Where somebody called from tells of them as well."""
    who, what = (_renamed(text, name, other) for text in (entry.who, entry.what))
    address = entry.address if who == entry.who else ""
    return replace(entry, who=who, what=what, address=address)


def _renamed(text: str, name: str, other: str) -> str:
    mine = text == name or text.endswith(f":{name}")
    return text.removesuffix(name) + other if mine else text


def _sealed_before(row: Mapping[Any, Any]) -> str:
    return str(row["detail"]).rpartition(" ")[2] if row["action"] == FORGET else ""


def _entry(row: Mapping[Any, Any]) -> Entry:
    return Entry(**{field.name: row[field.name] for field in fields(Entry)})


def _values(entry: Entry) -> list[Any]:
    return [getattr(entry, field.name) for field in fields(Entry)]


def _end(connection: Connection, which: str) -> tuple[int, str]:
    query = select(AUDIT_ENDS.c.number, AUDIT_ENDS.c.seal).where(AUDIT_ENDS.c.which == which)
    row = connection.execute(query).first()
    return (row.number, row.seal) if row else (0, BEGINNING)


def _find(connection: Connection, wanted: Wanted) -> list[Kept]:
    query = select(AUDIT).order_by(AUDIT.c.number.desc()).limit(wanted.limit)
    if wanted.since:
        query = query.where(AUDIT.c.at >= wanted.since)
    query = query.where(AUDIT.c.who.contains(wanted.who, autoescape=True))
    query = query.where(AUDIT.c.what.contains(wanted.what, autoescape=True))
    rows = connection.execute(query).mappings().all()
    return [Kept(**dict(row)) for row in reversed(rows)]
