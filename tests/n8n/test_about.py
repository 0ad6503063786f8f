"""What a real n8n tells of itself to a key."""

import json

import httpx
import pytest

from cli.platform.home import ROOT
from sync.api import N8n, missing_scopes, surplus_scopes, version_of
from tests.n8n.server import OWNER, PASSWORD, N8nServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("n8n")]
INSTALLED = json.loads((ROOT / "n8n/package.json").read_text("utf-8"))["dependencies"]["n8n"]


def key_with(n8n: N8nServer, *scopes: str) -> str:
    with httpx.Client(base_url=f"{n8n.url}/rest", timeout=30) as http:
        login = {"emailOrLdapLoginId": OWNER["email"], "password": PASSWORD}
        http.post("/login", json=login).raise_for_status()
        body = {"label": " ".join(scopes)[:40], "scopes": scopes, "expiresAt": None}
        answer = http.post("/api-keys", json=body).raise_for_status()
    key: str = answer.json()["data"]["rawApiKey"]
    return key


def test_a_key_that_may_export_learns_the_version(n8n: N8nServer) -> None:
    body = {"name": "Nothing yet", "nodes": [], "connections": {}, "settings": {}}
    with n8n.api as http:
        http.post("/workflows", json=body).raise_for_status()
    with N8n(n8n.url, key_with(n8n, "workflow:export", "workflow:list")) as exporting:
        assert version_of(exporting) == INSTALLED
        assert "credential:create" in missing_scopes(exporting)


def test_the_key_of_sync_has_every_scope_it_needs_but_not_that_one(n8n: N8nServer) -> None:
    with N8n(n8n.url, n8n.api_key) as syncing:
        assert missing_scopes(syncing) == []
        assert surplus_scopes(syncing) == []
        assert version_of(syncing) == ""
    with N8n(n8n.url, key_with(n8n, "workflow:list", "user:list")) as wider:
        assert surplus_scopes(wider) == ["user"]
