"""The one door: who calls and what the route asks for are looked at before the body is read."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route

from gateway.access.errors import Forbidden
from gateway.access.identify import identify
from gateway.access.remembering import DONE, FAILED, REFUSED, Memory
from gateway.access.roles import LEAST, Permission, Principal
from gateway.access.rules import RULES, Over, Rule
from gateway.errors import GatewayError, UnknownRun
from gateway.http.services import Services, services_of
from gateway.http.settings import Settings
from gateway.runs.lookup import find
from gateway.runs.status import names_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
ALWAYS = {"HEAD", "OPTIONS"}
REFUSING = {401, 403}


class GuardedRoute(APIRoute):
    """A route that has its row in the table and is served only to whom it allows."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            name = f"{request.method} {self.path}"
            await _admitted(request, RULES[name], name)
            return await _remembered(request, RULES[name], handle)

        return guarded


async def _admitted(request: Request, rule: Rule, name: str) -> None:
    try:
        await _admit(request, rule)
    except GatewayError as error:
        if error.status < 500:  # what one may not see is, to oneself, not found
            await _memory(request).keep(request, rule.action or name, REFUSED, error.status)
        raise


async def _remembered(request: Request, rule: Rule, handle: Handler) -> Response:
    if not rule.action or rule.asked(request.path_params) == Permission.see:
        return await handle(request)
    try:
        response = await handle(request)
    except Exception as error:
        status = status_of(error)
        outcome = REFUSED if status in REFUSING else FAILED
        await _memory(request).keep(request, rule.action, outcome, status)
        raise
    await _memory(request).keep(request, rule.action, DONE, response.status_code)
    return response


def status_of(error: Exception) -> int:
    if isinstance(error, GatewayError):
        return error.status
    if isinstance(error, HTTPException):
        return error.status_code
    return 422 if isinstance(error, RequestValidationError) else 500


def _memory(request: Request) -> Memory:
    memory: Memory = request.app.state.memory
    return memory


def check_complete(app: FastAPI, rules: dict[str, Rule] = RULES) -> None:
    """Raises LookupError for a route that nobody decided about."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        missing = [name for name in names_of_route(route) if name not in rules]
        if missing or not names_of_route(route):
            raise LookupError(f"{missing or route} has no row in gateway/access/rules.py")
        if not isinstance(route, GuardedRoute) and _is_guarded(route, rules):
            raise LookupError(f"{route} is not a GuardedRoute, so nothing holds it to its row")


def names_of_route(route: Any) -> list[str]:
    """As the table names it; none for what it has no rows for, such as sockets."""
    if isinstance(route, Mount):
        return [f"MOUNT {route.path}"]
    if not isinstance(route, Route):
        return []
    return [f"{method} {route.path}" for method in sorted((route.methods or set()) - ALWAYS)]


def _is_guarded(route: Any, rules: dict[str, Rule]) -> bool:
    return any(rules[name].permission is not None for name in names_of_route(route))


async def _admit(request: Request, rule: Rule) -> None:
    """Raises Unauthorized, Forbidden, UnknownRun."""
    settings: Settings = request.app.state.settings
    request.app.state.seen.note(request, settings)
    permission = rule.asked(request.path_params)
    if permission is None:
        return
    principal = await identify(request, page=rule.page)
    request.state.principal, request.state.served_to = principal, LEAST[permission]
    services = services_of(request)
    workspace = services.settings.windmill_workspace
    if principal.may(permission, workspace):
        return
    if not principal.may_somewhere(permission, workspace) or rule.over == Over.workspace:
        raise _refusal(principal, permission, workspace)
    if rule.over == Over.deployment:
        await _admit_to(services, principal, permission, request.path_params["id"])


async def _admit_to(
    services: Services, principal: Principal, permission: Permission, id_: str
) -> None:
    """What a principal may not see is, to it, not there."""
    workspace = services.settings.windmill_workspace
    names = names_of(await find(services.windmill, services.deployments, id_))
    if not principal.may_with(Permission.see, workspace, names):
        raise UnknownRun(id=id_)
    if not principal.may_with(permission, workspace, names):
        raise _refusal(principal, permission, workspace)


def _refusal(principal: Principal, permission: Permission, workspace: str) -> GatewayError:
    role = principal.role_in(workspace)
    return Forbidden(role=role or "nobody here", permission=permission)


class Caller:
    """Who calls a route, for those that narrow what they show or start by it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        services: Services = request.app.state.services
        self.workspace = services.settings.windmill_workspace
        self.principal: Principal = request.state.principal

    def works_on(self, name: str) -> None:
        """What the audit log calls it, where the address says it otherwise or not at all."""
        self._request.state.about = name

    def may(self, permission: Permission, *names: str) -> bool:
        return self.principal.may_with(permission, self.workspace, names)

    def only_with(self) -> list[str] | None:
        """The single deployments whose keys are theirs; None where all are."""
        if self.may(Permission.see_keys):
            return None
        named = {name for grant in self.principal.grants for name in grant.deployments or ()}
        return sorted(name for name in named if self.may(Permission.see_keys, name))

    def require(self, permission: Permission, *names: str) -> None:
        """Raises Forbidden."""
        if not self.may(permission, *names):
            raise _refusal(self.principal, permission, self.workspace)


KnownCaller = Annotated[Caller, Depends(Caller)]
