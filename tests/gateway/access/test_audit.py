"""Who did what: everything that changes something, what was refused, and no secret."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gateway.access.remembering import Refusals
from gateway.access.rules import RULES
from gateway.state.audit import PRUNED_EVERY, Audit, Entry, Seals, Wanted
from gateway.state.database import Database
from tests.gateway.access.conftest import (
    Gateway,
    add_key,
    bearer,
    connected_to,
    disarm,
    everything_in,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENTRY = Entry(NOW, "key:ann", "10.0.0.7", "destroy", "rag-chatbot", "done", 202)
SECRETS = ("a-secret-key-for-tests-only",)


async def told(http: httpx.AsyncClient, **query: str) -> list[tuple[str, str, str, str]]:
    entries = (await http.get("/audit", params=query)).json()
    return [(each["who"], each["action"], each["what"], each["outcome"]) for each in entries]


def test_whatever_writes_is_remembered() -> None:
    silent = {name for name, rule in RULES.items() if not rule.action}
    # Renewed every few minutes, and checked as one types; what is odd is remembered all the same.
    writes = {name for name in silent if not name.startswith("GET ")}
    assert writes == {"POST /builder/session/renewal", "POST /builder/catalog/check"}


async def test_who_did_what_is_there_with_what_was_refused(admin: httpx.AsyncClient) -> None:
    ann = bearer(await add_key(admin, "ann", "viewer"))
    await admin.delete("/pipelines/rag-chatbot", headers=ann)
    await admin.get("/audit", headers=ann)
    await admin.get("/pipelines", headers=bearer("wrong"))
    await admin.delete("/access/keys/nobody")
    await admin.delete("/access/keys/ann")
    assert await told(admin) == [
        ("admin-key", "make key", "ann", "done"),
        ("key:ann", "destroy", "rag-chatbot", "refused"),
        ("key:ann", "GET /audit", "", "refused"),
        ("nobody", "GET /pipelines", "", "refused"),
        ("admin-key", "revoke key", "nobody", "failed"),
        ("admin-key", "revoke key", "ann", "done"),
    ]
    assert len(await told(admin, who="ann")) == 2
    assert await told(admin, what="rag") == [("key:ann", "destroy", "rag-chatbot", "refused")]
    assert await told(admin, since="2100-01-01T00:00:00Z") == []
    assert (await admin.get("/audit")).json()[0]["address"] == "127.0.0.1"


async def test_neither_bodies_nor_queries_nor_keys_are_kept(
    admin: httpx.AsyncClient, state_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "gateway.audit")
    key = await add_key(admin, "ann", "viewer")
    canary = "c4n4ry"
    await admin.post("/pipelines/deploy", json={"name": canary}, headers=bearer(canary))
    await admin.get("/pipelines", params={"token": canary}, headers=bearer(canary))
    await admin.delete(f"/access/keys/{key}")
    shown = [what for _, _, what, _ in await told(admin)]
    assert f"mlops_{key.split('_')[1]}" in shown
    kept = everything_in(state_url)
    for secret in (canary, key, key.split("_", 2)[2]):
        assert secret not in kept
        assert secret not in caplog.text
    assert "'key:ann'" not in caplog.text
    assert "'make key' 'ann' 'done'" in caplog.text


async def test_what_repeats_is_told_once_a_minute_with_how_often() -> None:
    refusals = Refusals()
    entry = replace(ENTRY, who="nobody", outcome="refused")
    at = [NOW + timedelta(seconds=s) for s in (0, 1, 59, 60, 61)]
    kept = [refusals.told(replace(entry, at=moment)) for moment in at]
    assert [each and each.detail for each in kept] == ["", None, None, "and 2 like it before", None]


async def test_refusals_of_ever_new_callers_do_not_fill_it() -> None:
    refusals = Refusals()
    many = (replace(ENTRY, address=f"10.0.{n // 256}.{n % 256}") for n in range(5000))
    assert sum(refusals.told(each) is not None for each in many) <= 61


async def test_a_database_that_is_down_keeps_nobody_from_acting(
    gateway: Gateway, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with gateway(access_database_url=f"sqlite:///{tmp_path}/no/such/folder.db") as http:
        answer = await http.put("/catalog/pipelines/x", json={"text": "x"})
        assert answer.json()["error"]["code"] == "no_catalog_repository"
    assert "'save entry'" in caplog.text
    assert "audit log could not be written" in caplog.text


# ---- the chain

OPENED: list[Database] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


def opened(
    state_url: str, secrets: tuple[str, ...] = SECRETS, days: int = 400, entries: int = 1_000_000
) -> Audit:
    OPENED.append(Database(state_url))
    return Audit(OPENED[-1], Seals(secrets), days, entries)


async def written(
    state_url: str, count: int = 5, days: int = 400, entries: int = 1_000_000
) -> Audit:
    audit = opened(state_url, SECRETS, days, entries)
    for number in range(count):
        await audit.append(replace(ENTRY, at=NOW + timedelta(hours=number)))
    return audit


def change(state_url: str, *statements: str) -> None:
    with connected_to(state_url) as connection:
        disarm(connection)
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "statements",
    [
        ("update access_audit set who = 'key:bob' where number = 3",),
        ("update access_audit set at = '2025-01-01 00:00:00.000000' where number = 3",),
        ("update access_audit set status = 403 where number = 5",),
        ("delete from access_audit where number = 3",),
        ("delete from access_audit where number = 1",),
        ("delete from access_audit where number = 5",),
        ("delete from access_audit",),
        ("delete from access_audit", "delete from access_audit_ends where which = 'oldest'"),
        ("delete from access_audit where number > 3",
         "update access_audit_ends set number = 3, seal = "
         "(select seal from access_audit where number = 3) where which = 'newest'"),
        ("delete from access_audit where number < 3",
         "insert into access_audit_ends values ('oldest', 2, 'x:y', 'x:y')"),
        ("update access_audit set number = 99 where number = 3",
         "update access_audit set number = 3 where number = 4",
         "update access_audit set number = 4 where number = 99"),
        ("delete from access_audit_ends",),
    ],
    ids=["who", "when", "status", "inside", "first", "last", "all", "all with an end", "cut behind",
         "cut in front", "swapped", "ends"],
)  # fmt: skip
async def test_whatever_is_changed_in_the_database_shows(
    state_url: str, statements: tuple[str, ...]
) -> None:
    audit = await written(state_url)
    assert (await audit.verify()).problems == ()
    change(state_url, *statements)
    assert (await audit.verify()).problems


@pytest.mark.parametrize(
    "statement",
    [
        "update access_audit set who = 'key:bob' where number = 3",
        "update access_audit set who = who",
        "delete from access_audit where number = 5",
        "delete from access_audit",
    ],
)
async def test_the_database_itself_refuses_to_change_what_was_written(
    state_url: str, statement: str
) -> None:
    audit = await written(state_url)
    with (
        pytest.raises(DBAPIError, match="the audit log is append-only"),
        connected_to(state_url) as connection,
    ):
        connection.execute(text(statement))
    assert (await audit.verify()).entries == 5
    assert (await audit.verify()).problems == ()


async def test_whoever_restores_an_older_copy_is_caught_by_a_seal_kept_elsewhere(
    state_url: str,
) -> None:
    audit = await written(state_url)
    early = (await audit.verify()).seal
    await audit.append(ENTRY)
    assert (await audit.verify(early)).problems == ()
    assert (await audit.verify("00000000:of-another-history")).problems


async def test_a_secret_that_was_changed_is_still_believed_where_it_is_named(
    state_url: str,
) -> None:
    await written(state_url)
    after = opened(state_url, ("a-newer-secret-key", *SECRETS))
    await after.append(ENTRY)
    assert (await after.verify()).problems == ()
    assert (await opened(state_url, ("a-newer-secret-key",)).verify()).problems


Limits = dict[str, int]


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        ({"days": 10}, 10 * 24 + 2),
        ({"entries": 100}, 101),
        ({}, PRUNED_EVERY),
    ],
    ids=["by age", "by number", "within both"],
)
async def test_it_is_shortened_in_front_and_stays_whole(
    state_url: str, limits: Limits, left: int
) -> None:
    audit = await written(state_url, PRUNED_EVERY, **limits)
    verdict = await audit.verify()
    assert (verdict.problems, verdict.entries) == ((), left)
    last = (await audit.find(Wanted(limit=1)))[0]
    assert (last.action == "prune audit log") is bool(limits)
    first = "(select min(number) from access_audit)"
    change(state_url, f"delete from access_audit where number = {first}")
    assert (await audit.verify()).problems


async def test_writers_at_the_same_time_make_one_chain(gateway: Gateway) -> None:
    async with gateway() as one, gateway() as other:
        both = enumerate((one, other) * 5)
        await asyncio.gather(*(add_key(http, f"k{n}", "viewer") for n, http in both))
        verdict = (await one.get("/audit/verify")).json()
    assert (verdict["intact"], verdict["entries"]) == (True, 10)
