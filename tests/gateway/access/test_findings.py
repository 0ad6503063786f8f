"""What the gateway tells of its own settings."""

from typing import Any

import pytest

from gateway.access.roles import Role
from tests.gateway.access.conftest import Gateway

OWN = {f"windmill_{role}_key": f"key-of-{role}" for role in Role}


async def told(gateway: Gateway, headers: dict[str, str], **changes: Any) -> dict[str, str]:
    async with gateway(**changes) as http:
        await http.get("/builder/pages/host.js", headers=headers)
        found = (await http.get("/access/findings")).json()
    return {each["what"]: each["state"] for each in found}


async def test_one_token_for_all_roles_is_told(gateway: Gateway) -> None:
    assert (await told(gateway, {}))["Windmill tokens"] == "warning"
    assert (await told(gateway, {}, **OWN))["Windmill tokens"] == "ok"
    two = {**OWN, "windmill_viewer_key": OWN["windmill_builder_key"]}
    assert (await told(gateway, {}, **two))["Windmill tokens"] == "warning"


@pytest.mark.parametrize(
    ("headers", "trusted", "state"),
    [
        ({}, "", "ok"),
        ({"x-forwarded-for": "203.0.113.9"}, "", "warning"),
        ({"forwarded": "for=203.0.113.9"}, "", "warning"),
        ({"x-forwarded-for": "203.0.113.9"}, "127.0.0.1", "ok"),
    ],
)
async def test_a_proxy_that_nobody_trusts_is_told(
    gateway: Gateway, headers: dict[str, str], trusted: str, state: str
) -> None:
    assert (await told(gateway, headers, mlops_trusted_proxies=trusted))["proxies"] == state
