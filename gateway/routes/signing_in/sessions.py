"""Browsers sign in, stay signed in, and sign out."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from gateway.access.errors import SessionReused, Unauthorized
from gateway.access.guard import Caller, GuardedRoute
from gateway.access.identify import opened_by_key
from gateway.access.oidc import SignIns
from gateway.access.remembering import REFUSED, Memory
from gateway.access.roles import Permission
from gateway.access.sessions import BrowserSessions
from gateway.http.origins import own_origin, surely_own_origin

router = APIRouter(prefix="/builder/session", include_in_schema=False, route_class=GuardedRoute)
ELSEWHERE = "Web pages of other origins may not do this"
NAME_THE_PROXY = "If a proxy with TLS serves this page, name its address in MLOPS_TRUSTED_PROXIES."


class SignIn(BaseModel):
    key: str = Field(max_length=1000)


@router.post("", status_code=204)
async def sign_in(body: SignIn, request: Request, response: Response) -> None:
    if not own_origin(request):
        raise Unauthorized(reason=ELSEWHERE, fix=NAME_THE_PROXY)
    opened = await opened_by_key(request, body.key)
    if not opened.by:
        raise Unauthorized(reason="The API key is wrong")
    request.state.principal = opened.principal
    Caller(request).require(Permission.see)
    await browsers(request).open(request, response, opened)


@router.post("/renewal", status_code=204)
async def renew(request: Request, response: Response) -> None:
    """A new page token, and a refresh token that the one before is of no use beside."""
    if not surely_own_origin(request):
        raise Unauthorized(reason=ELSEWHERE)
    try:
        await browsers(request).renew(request, response)
    except SessionReused:
        memory: Memory = request.app.state.memory
        await memory.keep(request, "renew session twice", REFUSED, SessionReused.status)
        raise


class SignedOut(BaseModel):
    """Where one signs out of the provider as well."""

    go_to: str


@router.delete("", status_code=204, response_model=None)
async def sign_out(request: Request, response: Response) -> SignedOut | None:
    if not surely_own_origin(request):
        raise Unauthorized(reason=ELSEWHERE)
    session = await browsers(request).end(request, response)
    sign_ins: SignIns | None = request.app.state.sign_ins
    go_to = await sign_ins.way_out(session) if sign_ins and session else ""
    if not go_to:
        return None
    response.status_code = 200
    return SignedOut(go_to=go_to)


def browsers(request: Request) -> BrowserSessions:
    found: BrowserSessions = request.app.state.browsers
    return found
