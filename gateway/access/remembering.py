"""What the audit log is told of a request: never a body, a query or a key."""

import logging
import re
from dataclasses import replace
from datetime import UTC, datetime

from fastapi import Request

from gateway.errors import GatewayError
from gateway.state.audit import Audit, Entry

audit_log = logging.getLogger("gateway.audit")
log = logging.getLogger("gateway")
NOBODY = "nobody"
DONE, FAILED = "done", "failed"
REFUSED = "refused"
REFUSALS_A_MINUTE = 60
LONGEST = 200
KEY = re.compile(r"(mlops_[0-9a-f]{8})_[\w-]+")


class Refusals:
    """Of refusals that repeat, one a minute is told, with how many it stands for.

    Otherwise a script with an ended key, or somebody who guesses, would write the log full.
    """

    def __init__(self) -> None:
        self._minute = ""
        self._seen: dict[tuple[str, ...], int] = {}
        self._before: dict[tuple[str, ...], int] = {}

    def told(self, entry: Entry) -> Entry | None:
        minute = entry.at.strftime("%H:%M")
        if minute != self._minute:
            self._minute, self._before, self._seen = minute, self._seen, {}
        kind: tuple[str, ...] = (entry.who, entry.address, entry.action)
        kind = kind if kind in self._seen or len(self._seen) < REFUSALS_A_MINUTE else ("others",)
        self._seen[kind] = self._seen.get(kind, 0) + 1
        if self._seen[kind] > 1:
            return None
        more = self._before.pop(kind, 1) - 1
        return replace(entry, detail=f"and {more} like it before") if more else entry


class Memory:
    """Writes down what was done and what was refused, here and in the log."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._refusals = Refusals()

    async def keep(self, request: Request, action: str, outcome: str, status: int) -> None:
        principal = getattr(request.state, "principal", None)
        entry = Entry(
            at=datetime.now(UTC),
            who=principal.name if principal else NOBODY,
            address=request.client.host if request.client else "",
            action=action,
            what=shown(getattr(request.state, "about", "") or _named(request)),
            outcome=outcome,
            status=status,
        )
        told = self._refusals.told(entry) if outcome == REFUSED else entry
        if told:
            await self._write(told)

    async def _write(self, entry: Entry) -> None:
        # Also there: a log that is shipped away is out of reach for whoever gets in here.
        audit_log.info("%s %s %s %s %s", *_words(entry))
        try:
            await self._audit.append(entry)
        except GatewayError as error:
            # What was done is done, and who must stop a machine now is not kept from it.
            log.error("the audit log could not be written: %s", error.message)


def shown(text: str) -> str:
    """A key that somebody put into an address is told by its beginning."""
    plain = "".join(each if each.isprintable() else "?" for each in text)
    return KEY.sub(r"\1", plain)[:LONGEST]


def _named(request: Request) -> str:
    return "/".join(str(value) for value in request.path_params.values())


def _words(entry: Entry) -> tuple[str, ...]:
    words = (entry.who, entry.address, entry.action, entry.what, entry.outcome)
    return tuple(repr(word) if word else "-" for word in words)
