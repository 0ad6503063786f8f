"""Tokens that may do less than everything, as Windmill has them."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from engine.api.scopes import refusal

CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("scopes.yaml").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{','.join(c['scopes'])} {c['call']}")
def test_what_scopes_allow(case: dict[str, Any]) -> None:
    method, _, route = case["call"].partition(" ")
    refused = refusal(case["scopes"], method, f"/api/w/mlops/{route}")
    assert (refused.status if refused else None) == case.get("status")


def made(windmill: Any, **body: Any) -> httpx.Client:
    answer = windmill.http.post(f"{windmill.url}/api/users/tokens/create", json=body)
    assert answer.status_code == 201, answer.text
    headers = {"Authorization": f"Bearer {answer.text}"}
    return httpx.Client(base_url=f"{windmill.url}/api", headers=headers)


@pytest.mark.slow
def test_a_token_made_here_may_what_its_scopes_say(windmill: Any) -> None:
    scopes = ["variables:read:f/scoped/*", "variables:write:f/scoped/open"]
    variables = f"/w/{windmill.workspace}/variables"
    with made(windmill, label="scoped", scopes=scopes) as http:
        new = {"value": "x", "is_secret": False, "description": ""}
        opened = http.post(f"{variables}/create", json={**new, "path": "f/scoped/open"})
        assert opened.status_code == 201, opened.text
        assert http.get(f"{variables}/get_value/f/scoped/open").json() == "x"
        other = http.post(f"{variables}/create", json={**new, "path": "f/scoped/other"})
        assert other.status_code == 401
        assert "Required scope: variables:write:f/scoped/other" in other.text
        moved = http.post(f"{variables}/update/f/scoped/open", json={"path": "f/scoped/other"})
        assert moved.status_code == 401
        refused = http.post("/users/tokens/create", json={"scopes": []})
        assert refused.status_code == 403
        assert refused.text.startswith("Permission denied: Access denied. Required scope: users")


@pytest.mark.slow
def test_a_token_ends_and_is_taken_back(windmill: Any) -> None:
    with made(windmill, label="old", expiration="2020-01-01T00:00:00Z") as old:
        assert old.get("/users/whoami").status_code == 401
    with made(windmill, label="kept") as kept:
        assert kept.get("/users/whoami").status_code == 200
        shown = kept.get("/users/tokens/list").json()
        (prefix,) = [each["token_prefix"] for each in shown if each["label"] == "kept"]
        assert kept.headers["authorization"][7:] not in str(shown)
        assert kept.delete(f"/users/tokens/delete/{prefix}").is_success
        assert kept.get("/users/whoami").status_code == 401
