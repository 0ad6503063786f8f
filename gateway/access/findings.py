"""What of the gateway's own settings deserves a look."""

from collections.abc import Iterator
from typing import Literal

from fastapi import Request
from pydantic import BaseModel

from gateway.http.origins import through_proxy
from gateway.http.settings import Settings


class Finding(BaseModel):
    """Something that `mlops doctor` tells."""

    what: str
    state: Literal["ok", "warning"]
    found: str
    fix: str = ""


class Seen:
    """What requests have shown."""

    untrusted_proxy = ""
    earlier_key = False

    def note(self, request: Request, settings: Settings) -> None:
        if not self.untrusted_proxy and through_proxy(request):
            trusted = settings.mlops_trusted_proxies
            # Where the caller of a trusted one was found, its address stands there no more.
            if not trusted:
                self.untrusted_proxy = request.client.host if request.client else "?"


def findings(settings: Settings, seen: Seen) -> Iterator[Finding]:
    yield _tokens(settings)
    yield _proxy(seen)
    yield _keys(settings, seen)


def _tokens(settings: Settings) -> Finding:
    if settings.windmill_by_role:
        return Finding(what="Windmill tokens", state="ok", found="one a role")
    return Finding(
        what="Windmill tokens",
        state="warning",
        found="the same for callers of all roles: a hole in the gateway is one in Windmill",
        fix="mlops setup --gateway-env gateway.env",
    )


def _keys(settings: Settings, seen: Seen) -> Finding:
    if not settings.api_keys[1:]:
        return Finding(what="keys", state="ok", found="none of before")
    used = "and was used since this gateway started" if seen.earlier_key else "unused so far"
    return Finding(
        what="keys",
        state="warning",
        found=f"one of before opens everything too, {used}",
        fix="mlops access keys rotate --end (elsewhere: empty MLOPS_PREVIOUS_API_KEYS)",
    )


def _proxy(seen: Seen) -> Finding:
    if not seen.untrusted_proxy:
        return Finding(what="proxies", state="ok", found="none that is not trusted")
    found = f"requests come through one at {seen.untrusted_proxy}, which nobody trusts"
    fix = f"MLOPS_TRUSTED_PROXIES={seen.untrusted_proxy}, where that is the proxy of yours"
    return Finding(what="proxies", state="warning", found=found, fix=fix)
