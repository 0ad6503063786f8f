"""How requests to Exoscale are signed: EXO2-HMAC-SHA256.

Source: the vendor's API document ("Signing requests") and its own client 0.16.4. Signed are the
method with the path, the body, the values of the query in the order of their names, no headers,
and when it expires; each on a line of its own.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Generator

import httpx
from pydantic import SecretStr

VALID_SECONDS = 600


class Signed(httpx.Auth):
    """`now` is the time in seconds since 1970."""

    requires_request_body = True

    def __init__(self, key: str, secret: SecretStr, now: Callable[[], float]) -> None:
        self._key = key
        self._secret = secret.get_secret_value().encode()
        self._now = now

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        expires = int(self._now()) + VALID_SECONDS
        request.headers["Authorization"] = authorization(request, self._key, self._secret, expires)
        yield request


def authorization(request: httpx.Request, key: str, secret: bytes, expires: int) -> str:
    query = dict(sorted(request.url.params.items()))
    path = request.url.raw_path.partition(b"?")[0]
    signed = [
        request.method.encode() + b" " + path,
        request.content,
        "".join(query.values()).encode(),
        b"",
        str(expires).encode(),
    ]
    digest = hmac.new(secret, b"\n".join(signed), hashlib.sha256).digest()
    names = [f"signed-query-args={';'.join(query)}"] if query else []
    parts = [f"credential={key}", *names, f"expires={expires}"]
    return f"EXO2-HMAC-SHA256 {','.join(parts)},signature={base64.b64encode(digest).decode()}"
