"""Keys of people and programs: shown once, kept as a digest, ended at once."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import inspect, text

from gateway.access.errors import Unauthorized
from gateway.access.roles import Role
from gateway.errors import StateAhead
from gateway.state import migrations
from gateway.state.database import Database
from gateway.state.keys import Keys, NewKey
from gateway.state.tables import KEYS, TABLES
from tests.gateway.access.conftest import (
    ADMIN,
    Gateway,
    add_key,
    bearer,
    connected_to,
    everything_in,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_key_has_its_role_and_no_more(admin: httpx.AsyncClient) -> None:
    key = await add_key(admin, "ann", "viewer")
    me = (await admin.get("/access/me", headers=bearer(key))).json()
    assert (me["name"], me["role"], me["permissions"]) == ("key:ann", "viewer", ["see"])
    for method, path in (("GET", "/access/keys"), ("DELETE", "/pipelines/x")):
        assert (await admin.request(method, path, headers=bearer(key))).status_code == 403


async def test_the_database_and_the_list_hold_no_key(
    admin: httpx.AsyncClient, state_url: str
) -> None:
    key = await add_key(admin, "ann", "viewer")
    secret = key.split("_", 2)[2]
    (listed,) = (await admin.get("/access/keys")).json()
    assert key.startswith(f"mlops_{listed['id']}_")
    assert secret not in str(listed)
    kept = everything_in(state_url)
    assert secret not in kept
    assert hashlib.sha256(key.encode()).hexdigest() in kept


async def test_a_revoked_key_opens_nothing_and_its_name_is_free(admin: httpx.AsyncClient) -> None:
    key = await add_key(admin, "ann", "viewer")
    assert (
        await admin.post("/access/keys", json={"name": "ann", "role": "viewer"})
    ).status_code == 409
    ended = (await admin.delete("/access/keys/ann")).json()
    assert ended["revoked_at"]
    refused = await admin.get("/access/me", headers=bearer(key))
    assert refused.status_code == 401
    assert "was revoked" in refused.json()["error"]["message"]
    assert (await admin.delete("/access/keys/ann")).status_code == 404
    again = (await admin.delete(f"/access/keys/{ended['id']}")).json()
    assert again["revoked_at"] == ended["revoked_at"]
    await add_key(admin, "ann", "builder")
    assert len((await admin.get("/access/keys")).json()) == 1
    assert len((await admin.get("/access/keys", params={"all": "true"})).json()) == 2


@pytest.mark.parametrize("change", ["x", "-1", "short", "other id", "é"])
async def test_a_key_that_is_nearly_right_is_wrong(admin: httpx.AsyncClient, change: str) -> None:
    key = await add_key(admin, "ann", "viewer")
    wrong = {
        "x": f"{key}x",
        "-1": key[:-1],
        "short": "mlops_",
        "other id": f"mlops_00000000_{key.split('_', 2)[2]}",
        "é": f"{key}é",
    }[change]
    headers = [(b"authorization", f"Bearer {wrong}".encode())]
    assert (await admin.get("/access/me", headers=headers)).status_code == 401


async def test_a_key_ends_when_it_was_told_to(state_url: str) -> None:
    database = Database(state_url)
    keys = Keys(database)
    new = NewKey("ann", Role.viewer, "mlops", None, NOW + timedelta(days=30), "admin-key")
    key, _ = await keys.add(new, NOW)
    assert (await keys.known(key, NOW + timedelta(days=29))).name == "ann"
    with pytest.raises(Unauthorized, match="has expired"):
        await keys.known(key, NOW + timedelta(days=30))
    await keys.add(NewKey("ann", Role.viewer, "mlops", None, None, ""), NOW + timedelta(days=31))
    database.close()


async def test_the_last_use_is_noted_to_the_minute(state_url: str) -> None:
    database = Database(state_url)
    keys = Keys(database)
    key, known = await keys.add(NewKey("ann", Role.viewer, "mlops", None, None, ""), NOW)
    assert known.last_used_at is None
    used = []
    for seconds in (1, 30, 59, 61, 90):
        await keys.known(key, NOW + timedelta(seconds=seconds))
        used.append((await keys.all())[0].last_used_at)
    assert used == [NOW + timedelta(seconds=s) for s in (1, 1, 1, 61, 61)]
    database.close()


async def test_a_key_of_another_workspace_opens_nothing_here(gateway: Gateway) -> None:
    async with gateway() as here, gateway(windmill_workspace="lab") as there:
        key = await add_key(here, "ann", "operator")
        assert (await here.get("/access/keys", headers=bearer(key))).status_code == 200
        assert (await there.get("/access/keys", headers=bearer(key))).status_code == 403
        assert (await there.get("/catalog", headers=bearer(key))).status_code == 403


async def test_a_key_counts_also_where_this_machine_needs_none(gateway: Gateway) -> None:
    async with gateway(key="", api_key=None) as here:
        assert (await here.get("/access/me")).json()["name"] == "this-machine"
        key = await add_key(here, "ann", "viewer")
        assert (await here.get("/access/me", headers=bearer(key))).json()["name"] == "key:ann"
        assert (await here.get("/access/me", headers=bearer(f"{key}x"))).status_code == 401


async def test_the_one_key_of_before_needs_no_database(gateway: Gateway, tmp_path: Path) -> None:
    async with gateway(access_database_url=f"sqlite:///{tmp_path}/no/such/folder.db") as http:
        assert (await http.get("/access/me")).json()["name"] == "admin-key"
        answer = await http.get("/access/me", headers=bearer("mlops_00000000_x"))
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "state_unreachable")


async def test_many_first_requests_make_the_tables_once(gateway: Gateway) -> None:
    async with gateway() as one, gateway() as other:
        answers = await asyncio.gather(*(http.get("/access/keys") for http in (one, other) * 4))
    assert {answer.status_code for answer in answers} == {200}


def test_the_migrations_lead_to_the_tables_that_are_read(state_url: str) -> None:
    database = Database(state_url)
    there = inspect(database.engine)
    found = {name: [each["name"] for each in there.get_columns(name)] for name in TABLES.tables}
    database.close()
    assert found == {n: [c.name for c in table.columns] for n, table in TABLES.tables.items()}
    assert KEYS.name in found


async def test_tables_of_a_newer_gateway_are_left_alone(state_url: str) -> None:
    database = Database(state_url)
    assert database.engine
    with connected_to(state_url) as connection:
        connection.execute(text("update access_version set version_num = '9999'"))
    with pytest.raises(StateAhead):
        migrations.bring_up_to_date(database.engine)
    database.close()


async def test_the_admin_key_is_not_looked_for_among_the_others(gateway: Gateway) -> None:
    async with gateway(
        api_key="mlops_looks_like_one_of_ours", key="mlops_looks_like_one_of_ours"
    ) as http:
        assert (await http.get("/access/me")).json()["name"] == "admin-key"
        assert (await http.get("/access/me", headers=bearer(ADMIN))).status_code == 401


async def test_a_key_of_before_opens_everything_until_it_is_ended(gateway: Gateway) -> None:
    old, new = ADMIN, "another-key-altogether"
    before = {"api_key": new, "mlops_previous_api_keys": f"one-still-older, {old}"}
    async with gateway(key=new, **before) as http:
        assert (await http.get("/access/me")).json()["name"] == "admin-key"
        assert "unused so far" in str((await http.get("/access/findings")).json())
        earlier = await http.get("/access/me", headers=bearer(old))
        assert earlier.json()["name"] == "earlier-admin-key"
        assert "was used" in str((await http.get("/access/findings")).json())
        assert (await http.get("/access/me", headers=bearer("one-still"))).status_code == 401
    async with gateway(key=old, api_key=new) as http:
        assert (await http.get("/access/me")).status_code == 401
        told = (await http.get("/access/findings", headers=bearer(new))).json()
        assert {"what": "keys", "state": "ok", "found": "none of before", "fix": ""} in told


async def test_without_a_key_none_of_before_opens_anything(gateway: Gateway) -> None:
    async with gateway(key=ADMIN, api_key=None, mlops_previous_api_keys=ADMIN) as http:
        http._transport.client = ("203.0.113.9", 9)  # type: ignore[attr-defined]
        assert (await http.get("/access/me")).status_code == 401
