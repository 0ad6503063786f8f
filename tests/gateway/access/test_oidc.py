"""Signing in at a real provider, and what an attacker may change on the way."""

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from gateway.clients import oidc
from tests.gateway.access.conftest import ADMIN, bearer
from tests.gateway.access.oidc_flow import (
    CLIENT,
    HOME,
    browser,
    changed_query,
    gateway,
    sign_in,
    signed_in_there,
    stand_between,
)
from tests.tools.needs import need
from tests.tools.oidc_provider import RunningProvider, new_key, running_oidc_provider

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("oidc")]
ATTACKS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("oidc_attacks.yaml").read_text("utf-8")
)
PEOPLE = {
    "ann": {"groups": ["ml"], "email": "ann@example.com", "email_verified": True},
    "olga": {"groups": [], "email": "olga@example.com", "email_verified": True},
    "eve": {"groups": [], "email": "olga@example.com", "email_verified": False},
    "bob": {"groups": ["sales"], "email": "bob@example.com", "email_verified": True},
}
ROLES = [
    {"claim": "groups", "value": "ml", "role": "builder"},
    {"claim": "email", "value": "olga@example.com", "role": "operator"},
    {"claim": "groups", "value": "sales", "role": "operator", "workspace": "another"},
]
FROM_HERE = {"origin": HOME}


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningProvider]:
    with running_oidc_provider(need("oidc-provider"), CLIENT, PEOPLE) as running:
        yield running


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/state.db"


async def me(http: httpx.AsyncClient) -> dict[str, Any]:
    answer: dict[str, Any] = (await http.get("/access/me")).json()
    return answer


async def test_a_group_s_role_is_a_person_s(provider: RunningProvider, url: str) -> None:
    async with gateway(provider, url, oidc_roles=ROLES) as app, browser(app) as http:
        assert 'href="/builder/login"' in (await http.get("/")).text
        answer = await sign_in(http, "ann")
        assert answer.status_code == 200
        assert 'content="0; url=/"' in answer.text
        assert (await me(http))["name"] == "oidc:ann@example.com"
        assert (await me(http))["role"] == "builder"
        assert (await http.post("/builder/session/renewal", headers=FROM_HERE)).is_success
        told = (await http.get("/audit", headers=bearer(ADMIN))).json()
    assert [(each["who"], each["action"], each["outcome"]) for each in told] == [
        ("oidc:ann@example.com", "sign in elsewhere", "done")
    ]


async def test_a_verified_address_has_a_role_and_the_same_unverified_none(
    provider: RunningProvider, url: str
) -> None:
    async with gateway(provider, url, oidc_roles=ROLES) as app:
        async with browser(app) as http:
            assert (await sign_in(http, "olga")).is_success
            assert (await me(http))["role"] == "operator"
        async with browser(app) as http:
            answer = await sign_in(http, "eve")
            assert answer.status_code == 403
            assert "oidc:eve is known, and has no role here" in answer.text
            assert not has_session(http)


@pytest.mark.parametrize("roles", [[], ROLES], ids=["nobody has one", "another workspace's"])
async def test_who_has_no_role_does_not_get_in(
    provider: RunningProvider, url: str, roles: list[Any]
) -> None:
    async with gateway(provider, url, oidc_roles=roles) as app, browser(app) as http:
        answer = await sign_in(http, "bob")
        assert answer.status_code == 403
        assert "OIDC_ROLES" in answer.text
        assert not has_session(http)
        told = (await http.get("/audit", headers=bearer(ADMIN))).json()
    assert (told[0]["who"], told[0]["outcome"]) == ("oidc:bob@example.com", "refused")


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_opens_nothing(provider: RunningProvider, url: str, name: str) -> None:
    attack = ATTACKS[name]
    async with gateway(provider, url, oidc_roles=ROLES) as app, browser(app) as http:
        await stand_between(app, provider, attack)
        answer = await sign_in(http, "ann", attack)
        assert answer.status_code in (401, 503)
        text = answer.text if "&lt;" in attack["refused"] else html.unescape(answer.text)
        assert attack["refused"] in text
        assert "<script>alert" not in answer.text
        assert attack.get("begins", True) == ("mlops_login" in http.cookies)
        assert not has_session(http)
        assert (await http.get("/access/me")).status_code == 401


async def test_a_clock_that_is_a_little_wrong_keeps_nobody_out(
    provider: RunningProvider, url: str
) -> None:
    late = {"id_token": {"times": {"exp": -30, "iat": 30}}}
    async with gateway(provider, url, oidc_roles=ROLES) as app, browser(app) as http:
        await stand_between(app, provider, late)
        assert (await sign_in(http, "ann")).is_success


async def test_an_answer_is_good_once_and_in_the_browser_that_asked(
    provider: RunningProvider, url: str
) -> None:
    async with (
        gateway(provider, url, oidc_roles=ROLES) as app,
        gateway(provider, url, oidc_roles=ROLES) as another,
        browser(app) as http,
        browser(app) as elsewhere,
        browser(another) as later,
    ):
        begun = await http.get("/builder/login")
        cookie = {"cookie": f"mlops_login={http.cookies['mlops_login']}"}
        back = await signed_in_there(begun.headers["location"], "ann")
        assert (await elsewhere.get(back)).status_code == 401
        assert (await http.get(back)).is_success
        assert "mlops_login" not in http.cookies
        assert (await http.get(back)).status_code == 401
        # With a copy of the cookie too: the provider knows the code is used, the gateway the state.
        assert "invalid_grant" in (await later.get(back, headers=cookie)).text
        fresh = await signed_in_there(begun.headers["location"], "ann")
        answer = await later.get(fresh, headers=cookie)
        assert answer.status_code == 401
        assert "used before" in answer.text
        assert not has_session(later)


async def test_a_code_of_one_sign_in_is_none_for_another(
    provider: RunningProvider, url: str
) -> None:
    """Its verifier (PKCE) is the other browser's."""
    async with (
        gateway(provider, url, oidc_roles=ROLES) as app,
        browser(app) as thief,
        browser(app) as victim,
    ):
        stolen = await signed_in_there(
            (await victim.get("/builder/login")).headers["location"], "ann"
        )
        own = await signed_in_there((await thief.get("/builder/login")).headers["location"], "bob")
        code = httpx.URL(stolen).params["code"]
        answer = await thief.get(changed_query(own, {"code": code}))
        assert "invalid_grant" in answer.text
        assert not has_session(thief)


async def test_the_way_back_is_ours_whoever_the_request_says_we_are(
    provider: RunningProvider, url: str
) -> None:
    async with gateway(provider, url, oidc_roles=ROLES) as app, browser(app) as http:
        begun = await http.get("/builder/login", headers={"host": "evil.example"})
        address = begun.headers["location"]
        assert httpx.URL(address).params["redirect_uri"] == f"{HOME}/builder/login/callback"
    elsewhere = changed_query(address, {"redirect_uri": "https://evil.example/"})
    async with httpx.AsyncClient() as provider_s:
        assert (await provider_s.get(elsewhere)).json()["error"] == "invalid_redirect_uri"


async def test_keys_change_as_the_provider_likes(provider: RunningProvider, url: str) -> None:
    first = provider.keys[0]
    async with gateway(provider, url, oidc_roles=ROLES) as app, browser(app) as http:
        assert (await sign_in(http, "ann")).is_success
        provider.rotate(new_key("second"), first)
        assert (await sign_in(http, "ann")).is_success
        provider.rotate(new_key("third"))
        assert (await sign_in(http, "ann")).is_success
        await stand_between(app, provider, {"id_token": {"header": {"kid": "first"}}})
        assert "No key for kid" in html.unescape((await sign_in(http, "ann")).text)


async def test_other_roles_end_the_sessions_of_before(provider: RunningProvider, url: str) -> None:
    async with gateway(provider, url, oidc_roles=ROLES) as app, browser(app) as http:
        await sign_in(http, "ann")
        carried = {"cookie": "; ".join(f"{c.name}={c.value}" for c in http.cookies.jar)}
    for roles, status in ((ROLES, 200), (ROLES[1:], 401)):
        async with gateway(provider, url, oidc_roles=roles) as app, browser(app) as http:
            assert (await http.get("/builder/app", headers=carried)).status_code == status


async def test_signing_out_goes_on_at_the_provider(provider: RunningProvider, url: str) -> None:
    async with gateway(provider, url, oidc_roles=ROLES) as app, browser(app) as http:
        await sign_in(http, "ann")
        answer = await http.delete("/builder/session", headers=FROM_HERE)
        assert answer.status_code == 200
        assert not has_session(http)
        there = httpx.get(answer.json()["go_to"])
        assert there.status_code == 200
        assert "post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%2F" in answer.json()["go_to"]
        again = await http.delete("/builder/session", headers=FROM_HERE)
        assert again.status_code == 204


async def test_a_provider_that_is_gone_keeps_nobody_signed_in_by_mistake(
    provider: RunningProvider, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "METADATA_SECONDS", -1)
    async with gateway(provider, url, oidc_roles=ROLES) as app, browser(app) as http:
        await sign_in(http, "ann")
        app.state.sign_ins.provider.client = oidc.Client("http://127.0.0.1:9", "", "", "", "")
        answer = await http.get("/builder/login")
        assert answer.status_code == 503
        assert "cannot be asked" in answer.text
        out = await http.delete("/builder/session", headers=FROM_HERE)
        assert out.status_code == 204
        assert not has_session(http)


def has_session(http: httpx.AsyncClient) -> bool:
    return any("session" in name or "refresh" in name for name in http.cookies)
