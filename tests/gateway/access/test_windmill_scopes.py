"""The tokens that the gateway calls Windmill by: each may do what its role needs, and no more.

That they suffice, all tests of the gateway show: the engine behind it refuses the rest.
"""

from pathlib import Path

import pytest
import yaml

from engine.api.scopes import refusal
from gateway.access.roles import LEAST, Role
from gateway.access.rules import RULES
from gateway.access.windmill_scopes import SCOPES
from gateway.http.services import services_of
from tests.gateway.access.test_routes import settings

CALLS: dict[str, str] = yaml.safe_load(
    Path(__file__).with_name("windmill_calls.yaml").read_text("utf-8")
)
OUTSIDE = [("POST", "/api/users/tokens/create"), ("GET", "/api/users/whoami")]
OUTSIDE += [("POST", "/api/workspaces/create"), ("GET", "/api/workers/list")]


def allowed(scopes: tuple[str, ...], call: str) -> bool:
    method, _, route = call.partition(" ")
    return refusal(list(scopes), method, f"/api/w/mlops/{route}") is None


@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_for_those_who_need_it(call: str) -> None:
    roles = list(Role)
    least = roles.index(Role(CALLS[call])) if CALLS[call] != "nobody" else len(roles)
    assert [role for role in roles if allowed(SCOPES[role], call)] == roles[least:]


@pytest.mark.parametrize("role", Role)
def test_no_scope_is_more_than_is_needed(role: Role) -> None:
    """Without any of them, some call would be refused."""
    needed = [call for call in CALLS if allowed(SCOPES[role], call)]
    for scope in SCOPES[role]:
        left = tuple(each for each in SCOPES[role] if each != scope)
        assert not all(allowed(left, call) for call in needed), scope


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "address"), OUTSIDE)
def test_nothing_of_the_instance_is_open(role: Role, method: str, address: str) -> None:
    assert refusal(list(SCOPES[role]), method, address) is not None


def test_each_role_has_its_own_token_and_one_for_all_still_works() -> None:
    own = {f"windmill_{role}_key": f"key-of-{role}" for role in Role}
    assert settings(**own).windmill_tokens == {role: f"key-of-{role}" for role in Role}
    assert settings(**own).windmill_by_role
    assert set(settings().windmill_tokens.values()) == {"-"}
    assert not settings().windmill_by_role


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.permission])
def test_a_route_is_served_by_the_token_of_the_least_role_that_may(name: str) -> None:
    from starlette.requests import Request

    from gateway.app import create_app

    app = create_app(settings(**{f"windmill_{role}_key": f"key-of-{role}" for role in Role}))
    permission = RULES[name].permission
    assert permission
    request = Request({"type": "http", "app": app, "state": {"served_to": LEAST[permission]}})
    assert services_of(request).windmill.token == f"key-of-{LEAST[permission]}"
