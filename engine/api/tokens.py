"""Whose a request is: the instance's tokens and those of running jobs are known."""

import hmac

from starlette.requests import Request

from engine.core import Engine


class Tokens:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def known(self, request: Request) -> bool:
        token = _token(request)
        owners = [
            hmac.compare_digest(token.encode(), each.encode())
            for each in self._engine.settings.tokens
        ]
        return bool(token) and (any(owners) or self._engine.jobs.by_token(token) is not None)


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.query_params.get("token", "")
