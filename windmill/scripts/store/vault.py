"""Keys that configuration only names: read from Vault or OpenBao when they are needed.

`vault:kv:MOUNT/PATH#FIELD` is a secret of KV version 2; `vault:transit:MOUNT/KEY#vault:v1:…` a text
that the transit engine encrypted, for Vault to decrypt. What people send is never looked up.
"""

# Imported only where something is named; most installations name nothing.
# extra_requirements:
# httpx

import re
import ssl
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from ..model.base.errors import (
    NotInVault,
    VaultDenied,
    VaultMisnamed,
    VaultSealed,
    VaultUnreachable,
)

if TYPE_CHECKING:
    import httpx

PREFIX = "vault:"
WITHIN_SECONDS = 10
_NAMED = re.compile(r"vault:(?P<engine>kv|transit):(?P<mount>[^/#]+)/(?P<path>[^#]+)#(?P<what>.+)")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def looked_up(written: str, environment: Mapping[str, str]) -> str:
    """Itself unless it names something. Raises VaultError."""
    if not written.startswith(PREFIX):
        return written
    found = _NAMED.fullmatch(written)
    if not found:
        reason = "it reads vault:kv:MOUNT/PATH#FIELD or vault:transit:MOUNT/KEY#CIPHERTEXT"
        raise VaultMisnamed(reason=reason)
    with _connected(environment) as http:
        http.headers["X-Vault-Token"] = _token(http, environment)
        read = _from_kv if found["engine"] == "kv" else _decrypted
        return read(http, found["mount"], found["path"], found["what"])


def _from_kv(http: "httpx.Client", mount: str, path: str, field: str) -> str:
    answer = _ask(http, "GET", f"{quote(mount)}/data/{quote(path)}")
    value = (answer["data"].get("data") or {}).get(field)
    if not isinstance(value, str) or not value:
        raise NotInVault(what=f"{mount}/{path}#{field}")
    return value


def _decrypted(http: "httpx.Client", mount: str, key: str, ciphertext: str) -> str:
    url = f"{quote(mount)}/decrypt/{quote(key)}"
    answer = _ask(http, "POST", url, {"ciphertext": ciphertext})
    return b64decode(answer["data"]["plaintext"]).decode()


def _connected(environment: Mapping[str, str]) -> "httpx.Client":
    import httpx

    address = environment.get("VAULT_ADDR", "")
    url = urlsplit(address)
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
        raise VaultMisnamed(reason="VAULT_ADDR must begin with https:// (http:// on this machine)")
    namespace = environment.get("VAULT_NAMESPACE", "")
    return httpx.Client(
        base_url=f"{address.rstrip('/')}/v1",
        headers={"X-Vault-Namespace": namespace} if namespace else {},
        timeout=WITHIN_SECONDS,
        verify=ssl.create_default_context(cafile=environment.get("VAULT_CACERT") or None),
        trust_env=url.hostname not in _LOOPBACK,
    )


def _token(http: "httpx.Client", environment: Mapping[str, str]) -> str:
    """Of a file, or by an AppRole whose two parts are files."""
    if "VAULT_TOKEN_FILE" in environment:
        return _file(environment, "VAULT_TOKEN_FILE")
    names = {"role_id": "VAULT_ROLE_ID_FILE", "secret_id": "VAULT_SECRET_ID_FILE"}
    given = {part: _file(environment, name) for part, name in names.items()}
    return str(_ask(http, "POST", "auth/approle/login", given)["auth"]["client_token"])


def _file(environment: Mapping[str, str], name: str) -> str:
    path = environment.get(name, "")
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        reason = f"{name} names no file that can be read: {path or '(not set)'}"
        raise VaultMisnamed(reason=reason) from error


def _ask(
    http: "httpx.Client", method: str, path: str, body: dict[str, str] | None = None
) -> dict[str, Any]:
    import httpx

    try:
        answer = http.request(method, path, json=body)
    except httpx.HTTPError as error:
        raise VaultUnreachable(url=str(http.base_url), reason=type(error).__name__) from error
    if answer.is_success:
        told: dict[str, Any] = answer.json()
        return told
    raise _refusal(answer, path)


def _refusal(answer: "httpx.Response", path: str) -> Exception:
    """A refusal of Vault tells no secret; a ciphertext is not told either."""
    if answer.status_code == 503:
        return VaultSealed()
    if answer.status_code == 404:
        return NotInVault(what=path)
    if answer.status_code in (400, 403):
        return VaultDenied(what=path, status=answer.status_code)
    return VaultUnreachable(url=str(answer.url.host), reason=f"status {answer.status_code}")
