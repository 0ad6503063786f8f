"""Who has which role by what a provider says, and what the settings and `next` may be."""

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from gateway.access.roles import ClaimRule, Role, grants_by
from gateway.app import create_app
from tests.gateway.access.test_routes import settings

ISSUER = {
    "oidc_issuer": "https://login.example",
    "oidc_client_id": "mlops",
    "mlops_public_url": "https://mlops.example",
}
VERIFIED = {"email": "ann@example.com", "email_verified": True}


@pytest.mark.parametrize(
    ("claim", "value", "claims", "fits"),
    [
        ("groups", "ml", {"groups": ["sales", "ml"]}, True),
        ("groups", "ml", {"groups": "ml"}, True),
        ("groups", "ml", {"groups": "html"}, False),
        ("groups", "ml", {"groups": ["html"]}, False),
        ("groups", "ml", {"groups": {"ml": True}}, False),
        ("groups", "ml", {}, False),
        ("realm_access.roles", "ml", {"realm_access": {"roles": ["ml"]}}, True),
        ("realm_access.roles", "ml", {"realm_access": "roles"}, False),
        ("https://example.com/groups", "ml", {"https://example.com/groups": ["ml"]}, True),
        ("email", "ann@example.com", VERIFIED, True),
        ("email", "ann@example.com", {**VERIFIED, "email_verified": "true"}, True),
        ("email", "ann@example.com", {**VERIFIED, "email_verified": "false"}, False),
        ("email", "ann@example.com", {"email": "ann@example.com"}, False),
        ("email", "ann@example.com", {**VERIFIED, "email": ["ann@example.com"]}, False),
    ],
)
def test_what_is_said_fits_a_rule(claim: str, value: str, claims: Any, fits: bool) -> None:
    rules = [ClaimRule(claim=claim, value=value, role=Role.viewer)]
    assert [grant.workspace for grant in grants_by(rules, claims, "mlops")] == ["mlops"] * fits


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"oidc_issuer": "http://login.example"}, "https://"),
        ({"oidc_client_id": ""}, "OIDC_CLIENT_ID"),
        ({"mlops_public_url": ""}, "MLOPS_PUBLIC_URL"),
        ({"mlops_public_url": "http://mlops.example"}, "https://"),
        ({"oidc_roles": "[{"}, "no JSON"),
        ({"oidc_roles": '[{"claim": "groups", "value": "ml", "role": "king"}]'}, "'operator'"),
        ({"oidc_roles": '[{"value": "ml", "role": "viewer"}]'}, "Field required"),
        ({"oidc_roles": '[{"claim": "groups", "value": "", "role": "viewer"}]'}, "at least 1"),
    ],
)
def test_settings_that_do_not_fit_are_told(changes: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError) as error:
        settings(**{**ISSUER, **changes})
    assert told in str(error.value)


def test_nothing_set_is_nothing_offered() -> None:
    assert create_app(settings(oidc_roles="")).state.sign_ins is None


@pytest.mark.parametrize(
    "next_",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\n/evil.example",
        "/?x=//evil",
        '/x"><script>',
        "/.evil",
        "evil",
        "",
    ],
)
async def test_a_sign_in_ends_at_a_page_of_ours(next_: str) -> None:
    transport = httpx.ASGITransport(create_app(settings(**ISSUER)))
    async with httpx.AsyncClient(transport=transport, base_url="https://mlops.example") as http:
        answer = await http.get("/builder/login", params={"next": next_})
    assert answer.status_code == 401
    assert "no page of the gateway" in answer.text
    assert "location" not in answer.headers
    assert not http.cookies
