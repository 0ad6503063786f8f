"""Signing in at a provider of identities."""

from html import escape

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.access.errors import SignInRefused
from gateway.access.guard import GuardedRoute
from gateway.access.oidc import SignIns
from gateway.access.sessions import LOGIN_COOKIE, cookie_name, is_tls
from gateway.errors import UnknownRoute
from gateway.routes.signing_in.pages import filled, sign_in_page
from gateway.routes.signing_in.sessions import browsers

router = APIRouter(prefix="/builder/login", include_in_schema=False, route_class=GuardedRoute)


@router.get("")
async def begin(request: Request, next: str = "/") -> Response:
    response = RedirectResponse("/", status_code=303)
    address = await known_sign_ins(request).begin(request, response, next)
    response.headers["location"] = address
    return response


@router.get("/callback")
async def answered(request: Request) -> Response:
    opened, next_ = await known_sign_ins(request).answered(request)
    # Not a redirect: the session's cookies are not sent along one that began on another site.
    response = filled("signed_in.html", next=escape(next_))
    await browsers(request).open(request, response, opened)
    response.delete_cookie(cookie_name(request, LOGIN_COOKIE), secure=is_tls(request))
    return response


async def refused(request: Request, error: Exception) -> Response:
    """People see this, at the end of a way that began on the sign-in page."""
    assert isinstance(error, SignInRefused)
    told = f"{error.message} {error.fix}"
    return sign_in_page(request.app.state.sign_ins, status=error.status, told=told)


def known_sign_ins(request: Request) -> SignIns:
    """Raises UnknownRoute."""
    found: SignIns | None = request.app.state.sign_ins
    if found is None:
        raise UnknownRoute(call="GET /builder/login", reason="no provider is set (OIDC_ISSUER)")
    return found
