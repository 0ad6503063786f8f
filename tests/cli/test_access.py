"""Keys from the command line: made, shown once, listed, ended."""

import json
from typing import Any

import httpx
import pytest

from cli.errors import BadOption
from cli.terminal.times import days_of
from tests.cli.conftest import KEY, Mlops


@pytest.mark.slow
def test_a_key_is_made_shown_once_and_ended(
    platform: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = platform("access", "keys", "add", "ann", "--role", "viewer", "--expires", "30d")
    assert made.code == 0, made.err
    key = made.out.strip()
    assert "ann: viewer, until 2" in made.err
    listed = platform("access", "keys", "ls")
    assert "admin-key" in listed.out
    assert key not in listed.out
    with monkeypatch.context() as as_ann:
        as_ann.setenv("MLOPS_API_KEY", key)
        assert platform("access", "whoami").out == "key:ann  viewer of workspace mlops\n"
        refused = platform("destroy", "x", "--yes")
        assert refused.code == 1
        assert platform("access", "keys", "ls", "--json").json["error"]["code"] == "forbidden"
    assert platform("access", "keys", "revoke", "ann").code == 0
    assert "There are none" in platform("access", "keys", "ls").out
    with monkeypatch.context() as as_ann:
        as_ann.setenv("MLOPS_API_KEY", key)
        assert "was revoked" in platform("ls").err


@pytest.mark.slow
def test_programs_read_json(platform: Mlops) -> None:
    arguments = ("access", "keys", "add", "shop", "--role", "viewer", "--deployment", "a")
    made = platform(*arguments, "--deployment", "b", "--expires", "never", "--json")
    told: dict[str, Any] = json.loads(made.out)
    assert told["key"].startswith(f"mlops_{told['id']}_")
    assert (told["deployments"], told["expires_at"]) == (["a", "b"], None)
    ended = platform("access", "keys", "revoke", told["id"], "--json").json
    assert ended["revoked_at"]


@pytest.mark.parametrize(
    ("written", "days"), [("1d", 1), ("30d", 30), ("4w", 28), ("1y", 365), ("never", None)]
)
def test_times_are_written_as_people_do(written: str, days: int | None) -> None:
    assert days_of(written) == days


@pytest.mark.parametrize("written", ["", "0d", "30", "d", "-1d", "1h", "99999d", "soon"])
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(BadOption):
        days_of(written)


@pytest.mark.slow
def test_a_browser_is_signed_out(platform: Mlops, gateway_url: str) -> None:
    with httpx.Client(base_url=gateway_url, headers={"origin": gateway_url}) as browser:
        assert browser.post("/builder/session", json={"key": KEY}).status_code == 204
        assert browser.get("/").status_code == 200
        (session,) = platform("access", "sessions", "ls", "--json").json
        assert session["id"] in platform("access", "sessions", "ls").out
        ended = platform("access", "sessions", "end", session["id"])
        assert ended.out == "admin-key is signed out there.\n"
        assert browser.get("/").status_code == 401
    assert "No browser" in platform("access", "sessions", "ls").out


@pytest.mark.slow
def test_what_was_done_is_told_and_proven(platform: Mlops) -> None:
    for verb in ("add", "revoke"):
        role = ("--role", "viewer") if verb == "add" else ()
        assert platform("access", "keys", verb, "told", *role).code == 0
    shown = platform("audit", "--what", "told", "--since", "1d")
    assert [line.split("  ")[1] for line in shown.out.splitlines()[1:]] == ["admin-key"] * 2
    assert "revoke key" in shown.out
    listed = platform("audit", "--who", "admin", "--json").json
    assert {"make key", "revoke key"} <= {each["action"] for each in listed}
    assert platform("audit", "--who", "never-was").out == "Nothing that fits.\n"
    verdict = platform("audit", "verify")
    assert (verdict.code, "as they were written" in verdict.out) == (0, True)
    seal = platform("audit", "verify", "--json").json["seal"]
    assert platform("audit", "verify", "--seal", seal).code == 0
    assert platform("audit", "verify", "--seal", "another").code == 1
    assert platform("audit", "--since", "yesterday").code == 1
