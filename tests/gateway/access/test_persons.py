"""What the gateway keeps of a person is told, and taken away for good."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from tests.gateway.access.conftest import (
    Gateway,
    add_key,
    bearer,
    connected_to,
    disarm,
    everything_in,
)

NAME = "ann-of-the-canaries"


async def leave_traces(admin: httpx.AsyncClient) -> str:
    """Of two people; gives the key of the one."""
    key = await add_key(admin, NAME, "operator")
    await add_key(admin, "bob", "viewer")
    browser = await admin.post("/builder/session", json={"key": key}, headers=bearer(key))
    assert browser.status_code < 300, browser.text
    await admin.delete("/access/keys/bob", headers=bearer(key))
    await add_key(admin, "carl", "viewer")
    return key


async def test_what_is_kept_of_a_person_is_told_as_a_whole(admin: httpx.AsyncClient) -> None:
    await leave_traces(admin)
    told = (await admin.get(f"/data/persons/{NAME}")).json()
    assert [each["name"] for each in told["keys"]] == [NAME]
    assert "digest" not in told["keys"][0]
    assert [each["who"] for each in told["sessions"]] == [f"key:{NAME}"]
    done = [(each["who"], each["action"], each["what"]) for each in told["audit"]]
    assert ("admin-key", "make key", NAME) in done
    assert (f"key:{NAME}", "revoke key", "bob") in done


async def test_after_it_nothing_has_the_name_and_the_log_is_whole(
    admin: httpx.AsyncClient, state_url: str, tmp_path: Path
) -> None:
    key = await leave_traces(admin)
    before = (await admin.get("/audit/verify")).json()
    told = (await admin.delete(f"/data/persons/{NAME}")).json()
    assert told["pseudonym"].startswith("person-")
    assert (told["keys"], told["sessions"]) == (1, 1)
    assert NAME not in everything_in(state_url)
    assert not any(NAME.encode() in file.read_bytes() for file in tmp_path.glob("state.db*"))
    assert (await admin.get("/builder/account", headers={"Authorization": ""})).status_code == 401
    admin.cookies.clear()
    assert (await admin.get("/access/me", headers=bearer(key))).status_code == 401
    done = [(e["who"], e["action"], e["what"]) for e in (await admin.get("/audit")).json()]
    assert (f"key:{told['pseudonym']}", "revoke key", "bob") in done
    assert ("admin-key", "make key", "carl") in done
    after = (await admin.get("/audit/verify", params={"seal": before["seal"]})).json()
    assert (after["intact"], after["problems"]) == (True, [])
    await add_key(admin, NAME, "viewer")


async def test_of_whom_nothing_is_kept_nothing_is_changed(admin: httpx.AsyncClient) -> None:
    await leave_traces(admin)
    told = (await admin.delete("/data/persons/nn-of-the-canaries")).json()
    assert told == {"pseudonym": "", "keys": 0, "sessions": 0, "audit": 0}


async def test_a_log_that_was_tampered_with_is_not_sealed_anew(
    gateway: Gateway, state_url: str
) -> None:
    async with gateway() as admin:
        key = await leave_traces(admin)
        with connected_to(state_url) as connection:
            disarm(connection)
            connection.execute(text("update access_audit set who = 'key:eve' where number = 2"))
        refused = await admin.delete(f"/data/persons/{NAME}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "audit_tampered")
        assert (await admin.get("/access/me", headers=bearer(key))).status_code == 200
        assert not (await admin.get("/audit/verify")).json()["intact"]


@pytest.mark.parametrize("role", ["viewer", "builder"])
async def test_nobody_but_an_operator_asks(admin: httpx.AsyncClient, role: str) -> None:
    key = bearer(await add_key(admin, "dora", role))
    assert (await admin.get("/data/persons/dora", headers=key)).status_code == 403
    assert (await admin.delete("/data/persons/dora", headers=key)).status_code == 403
