"""Signing in at a provider in a real browser.

It sends strict cookies along with nothing that begins on another site, redirects included: so the
way back is a page, and no redirect.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.gateway.stack import SECRET, free_port, running_gateway_at
from tests.tools.needs import need
from tests.tools.oidc_provider import running_oidc_provider

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("oidc")]
CLIENT_SECRET = "the-secret-of-the-client-for-tests"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The gateway by a name that to a browser is another site than the provider's."""
    port = free_port()
    home = f"http://localhost:{port}"
    client = {
        "client_id": "mlops",
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [f"{home}/builder/login/callback"],
        "post_logout_redirect_uris": [f"{home}/"],
    }
    people = {"ann": {"groups": ["ml"]}}
    with running_oidc_provider(need("oidc-provider"), client, people) as provider:
        told = {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": f"sqlite:///{tmp_path}/state.db",
            "WINDMILL_API_URL": "http://127.0.0.1:9",
            "WINDMILL_API_KEY": "-",
            "MLOPS_API_KEY": "the-one-key-of-this-gateway",
            "MLOPS_PUBLIC_URL": home,
            "OIDC_ISSUER": provider.issuer,
            "OIDC_CLIENT_ID": "mlops",
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "OIDC_ROLES": json.dumps([{"claim": "groups", "value": "ml", "role": "builder"}]),
        }
        with running_gateway_at(port, tmp_path, told):
            yield home


def test_a_person_signs_in_looks_around_and_signs_out(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/builder/login?next=/builder/account")
    page.get_by_role("button", name="Go on as ann").click()
    expect(page.locator("#who")).to_have_text("oidc:ann, builder of workspace mlops")
    assert page.url == f"{address}/builder/account"
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("link", name="Sign in with")).to_be_visible()
    assert page.url == f"{address}/"
    page.close()
