"""Short tokens that a browser carries: signed by the newest secret, believed from earlier ones."""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from joserfc.jwt import ClaimsOption

from gateway.access.errors import Unauthorized

ISSUER = "mlops-gateway"
ALGORITHMS = ["HS256"]


class Tokens:
    """Of one kind: a token for one use is none for another."""

    def __init__(self, secrets: Sequence[str], kind: str, workspace: str) -> None:
        self._newest = _key(secrets[0], kind)
        self._all = KeySet([_key(secret, kind) for secret in secrets])
        self._claims = {"iss": ISSUER, "aud": f"{kind}:{workspace}"}

    def make(self, claims: dict[str, Any], now: int, seconds: int) -> str:
        header = {"alg": ALGORITHMS[0], "kid": self._newest.kid}
        timed = {**claims, **self._claims, "iat": now, "exp": now + seconds}
        return jwt.encode(header, timed, self._newest)

    def read(self, token: str, now: int) -> dict[str, Any]:
        """Raises Unauthorized."""
        asked = {name: ClaimsOption(essential=True, value=v) for name, v in self._claims.items()}
        registry = jwt.JWTClaimsRegistry(lambda: now, 0, **asked, exp=ClaimsOption(essential=True))
        try:
            read = jwt.decode(token, self._all, algorithms=ALGORITHMS)
            registry.validate(read.claims)
        except (JoseError, ValueError) as error:
            raise Unauthorized(reason="The session has ended") from error
        return dict(read.claims)


def _key(secret: str, kind: str) -> OctKey:
    raw = hmac.digest(secret.encode(), f"mlops token {kind}".encode(), "sha256")
    return OctKey.import_key(raw, {"kid": sha256(raw).hexdigest()[:8]})
