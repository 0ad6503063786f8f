"""A provider of identities by OpenID Connect: where people sign in, and whom it says they are.

The checks are those of OpenID Connect Core 1.0 §3.1.3.7, RFC 7636 (PKCE) and RFC 9207 (`iss`).
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
from authlib.common.security import is_secure_transport
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import BaseModel, ValidationError, field_validator

from gateway.access.errors import ProviderUnreachable, SignInRefused

# Signed by a key that the provider alone has: neither `none` nor what the client's secret signs.
ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
SKEW_SECONDS = 60
METADATA_SECONDS = 300


@dataclass(frozen=True)
class Client:
    """What the gateway is to the provider."""

    issuer: str
    id: str
    secret: str
    scopes: str
    redirect_uri: str


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun: what the answer must fit to."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def anew(cls) -> "Begun":
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


class Metadata(BaseModel):
    """What the provider tells of itself (OpenID Connect Discovery 1.0 §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    authorization_response_iss_parameter_supported: bool = False

    @field_validator("authorization_endpoint", "token_endpoint", "jwks_uri")
    @classmethod
    def _is_secure(cls, url: str) -> str:
        if not is_secure_transport(url):
            raise ValueError(f"{url} is not https")
        return url

    @field_validator("userinfo_endpoint", "end_session_endpoint")
    @classmethod
    def _is_secure_if_there(cls, url: str) -> str:
        return cls._is_secure(url) if url else ""


class Provider:
    def __init__(
        self, client: Client, http: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.client = client
        self.http = http
        self._clock = clock
        self._metadata: tuple[float, Metadata] | None = None

    async def address(self, begun: Begun) -> str:
        """Where the browser goes to sign in. Raises ProviderUnreachable."""
        client, metadata = self.client, await self.metadata()
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                client.id,
                "code",
                client.redirect_uri,
                client.scopes,
                begun.state,
                nonce=begun.nonce,
                code_challenge=create_s256_code_challenge(begun.verifier),
                code_challenge_method="S256",
            )
        )

    async def came_from(self, issuer: str | None) -> None:
        """Raises SignInRefused where the answer is another provider's (RFC 9207 §2.4)."""
        metadata = await self.metadata()
        needed = metadata.authorization_response_iss_parameter_supported
        if issuer != metadata.issuer and (needed or issuer is not None):
            raise SignInRefused(reason="the answer is not from the provider that was asked")

    async def identity(self, code: str, begun: Begun, now: int) -> dict[str, Any]:
        """The claims about whom the code stands for. Raises SignInRefused, ProviderUnreachable."""
        tokens = await self._tokens(code, begun)
        # Asked for anew each time, so that keys change as the provider likes.
        keys = await self._json((await self.metadata()).jwks_uri)
        claims = checked(str(tokens.get("id_token", "")), keys, self.client, begun.nonce, now)
        return {**await self._told_of(claims["sub"], tokens.get("access_token")), **claims}

    async def way_out(self, back_to: str) -> str:
        """Where one signs out of the provider too; empty where it has no such place."""
        end = (await self.metadata()).end_session_endpoint
        asked = {"client_id": self.client.id, "post_logout_redirect_uri": back_to}
        return f"{end}{'&' if '?' in end else '?'}{urlencode(asked)}" if end else ""

    async def metadata(self) -> Metadata:
        """Raises ProviderUnreachable."""
        now = self._clock()
        if not self._metadata or now - self._metadata[0] > METADATA_SECONDS:
            self._metadata = now, await self._discovered()
        return self._metadata[1]

    async def _discovered(self) -> Metadata:
        issuer = self.client.issuer
        told = await self._json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            metadata = Metadata.model_validate(told)
        except ValidationError as error:
            problem = error.errors()[0]
            reason = f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
            raise ProviderUnreachable(issuer=issuer, reason=reason) from error
        if metadata.issuer != issuer:
            reason = f"it calls itself {metadata.issuer}"
            raise ProviderUnreachable(issuer=issuer, reason=reason)
        return metadata

    async def _tokens(self, code: str, begun: Begun) -> dict[str, Any]:
        client, metadata = self.client, await self.metadata()
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": begun.verifier}
        form |= {"redirect_uri": client.redirect_uri}
        methods = metadata.token_endpoint_auth_methods_supported
        if client.secret and ("client_secret_basic" in methods or not methods):
            # RFC 6749 §2.3.1: both are form-encoded first.
            auth = httpx.BasicAuth(quote_plus(client.id), quote_plus(client.secret))
            response = await self._asked("POST", metadata.token_endpoint, data=form, auth=auth)
        else:
            form |= {"client_id": client.id}
            form |= {"client_secret": client.secret} if client.secret else {}
            response = await self._asked("POST", metadata.token_endpoint, data=form)
        if not response.is_success:
            raise SignInRefused(reason=f"the provider did not take its own code ({_why(response)})")
        return self._object(response)

    async def _told_of(self, subject: str, access_token: Any) -> dict[str, Any]:
        """What providers keep out of the ID token, groups often among it."""
        url = (await self.metadata()).userinfo_endpoint
        if not url or not isinstance(access_token, str):
            return {}
        told = await self._json(url, {"Authorization": f"Bearer {access_token}"})
        if told.get("sub") != subject:
            raise SignInRefused(reason="the provider tells of somebody else")
        return told

    async def _json(self, url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        response = await self._asked("GET", url, headers=headers)
        if not response.is_success:
            reason = f"{url} answers {response.status_code}"
            raise ProviderUnreachable(issuer=self.client.issuer, reason=reason)
        return self._object(response)

    def _object(self, response: httpx.Response) -> dict[str, Any]:
        try:
            told = response.json()
        except ValueError:
            told = None
        if not isinstance(told, dict):
            reason = f"{response.request.url} answers no JSON object"
            raise ProviderUnreachable(issuer=self.client.issuer, reason=reason)
        return told

    async def _asked(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            return await self.http.request(method, url, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise ProviderUnreachable(issuer=self.client.issuer, reason=reason) from error


def checked(
    id_token: str, keys: dict[str, Any], client: Client, nonce: str, now: int
) -> dict[str, Any]:
    """The claims of an ID token that is for us, from there, of now. Raises SignInRefused."""
    # Headers that nobody defined are ignored, as providers like to add some; `crit` is not.
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    whom = {
        "iss": {"essential": True, "value": client.issuer},
        "aud": {"essential": True, "value": client.id},
    }
    try:
        token = jwt.decode(id_token, _key_set(keys), registry=registry)
        expected = {"nonce": nonce, "client_id": client.id}
        claims = CodeIDToken(token.claims, token.header, whom, expected)
        claims.validate(now, SKEW_SECONDS)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        reason = str(error) or type(error).__name__
        raise SignInRefused(reason=f"the provider's ID token does not count ({reason})") from error
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise SignInRefused(reason="the provider's ID token is nobody's")
    return dict(claims)


def _key_set(keys: Any) -> KeySet:
    return KeySet.import_key_set(keys)


def _why(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"])[:100]
    except (ValueError, TypeError, KeyError):
        return str(response.status_code)
