"""Who may use this gateway."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request

from gateway.access.errors import UnknownSession
from gateway.access.findings import Finding, findings
from gateway.access.guard import GuardedRoute, KnownCaller
from gateway.access.requests import AddKey, KeyAnswer, KeyMade, Me, SessionAnswer
from gateway.access.roles import Permission
from gateway.access.sessions import BrowserSessions
from gateway.http.services import Platform
from gateway.state.keys import NewKey

router = APIRouter(prefix="/access", tags=["access"], route_class=GuardedRoute)


@router.get("/me")
async def me(caller: KnownCaller) -> Me:
    """Who the caller is, and what that allows."""
    principal, workspace = caller.principal, caller.workspace
    return Me(
        name=principal.name,
        role=principal.role_in(workspace),
        workspace=workspace,
        permissions=[each for each in Permission if principal.may(each, workspace)],
        deployments=principal.only_in(workspace),
    )


@router.get("/findings")
async def list_findings(request: Request, platform: Platform) -> list[Finding]:
    """What of the gateway's own settings deserves a look; `mlops doctor` shows it."""
    return list(findings(platform.settings, request.app.state.seen))


@router.get("/keys")
async def list_keys(
    platform: Platform, include_ended: Annotated[bool, Query(alias="all")] = False
) -> list[KeyAnswer]:
    """The keys there are; with `all` also those that expired or were revoked."""
    now = datetime.now(UTC)
    keys = await platform.keys.all()
    return [KeyAnswer.of(each) for each in keys if include_ended or each.lives(now)]


@router.post("/keys", status_code=201)
async def add_key(body: AddKey, platform: Platform, caller: KnownCaller) -> KeyMade:
    """Makes a key with a role; the answer shows it once and it is kept nowhere."""
    now = datetime.now(UTC)
    caller.works_on(body.name)
    new = NewKey(
        body.name,
        body.role,
        caller.workspace,
        None if body.deployments is None else frozenset(body.deployments),
        now + timedelta(days=body.expires_in_days) if body.expires_in_days else None,
        caller.principal.name,
    )
    key, known = await platform.keys.add(new, now)
    return KeyMade(key=key, **KeyAnswer.of(known).model_dump())


@router.delete("/keys/{key}")
async def revoke_key(key: str, request: Request, platform: Platform) -> KeyAnswer:
    """Ends a key and its browser sessions at once, by id or name; asking twice is fine by id."""
    known = await platform.keys.revoke(key, datetime.now(UTC))
    await _browsers(request).end_opened_by(f"key:{known.id}")
    return KeyAnswer.of(known)


@router.get("/sessions")
async def list_sessions(platform: Platform) -> list[SessionAnswer]:
    """The browser sessions that are open."""
    return [SessionAnswer.of(each) for each in await platform.sessions.living(datetime.now(UTC))]


@router.delete("/sessions/{id}")
async def end_session(
    id: str, request: Request, platform: Platform, caller: KnownCaller
) -> SessionAnswer:
    """Signs a browser out."""
    session = await _browsers(request).end_by_id(id)
    if session is None:
        raise UnknownSession(id=id)
    caller.works_on(session.principal.name)
    return SessionAnswer.of(session)


def _browsers(request: Request) -> BrowserSessions:
    found: BrowserSessions = request.app.state.browsers
    return found
