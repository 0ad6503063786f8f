"""Who sent an event: Standard Webhooks' signature over `<id>.<timestamp>.<raw body>`."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from gateway.access.errors import BadSignature

TOLERANCE_SECONDS = 300
KEY_BYTES = 16
PREFIX = "whsec_"
SCHEME = "v1,"
MAKE = "`openssl rand -base64 32` makes one"
ID = re.compile(r"[\x21-\x7e]{1,200}")
TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Event:
    id: str
    timestamp: str
    signatures: tuple[str, ...]
    body: bytes

    @classmethod
    def received(cls, headers: Mapping[str, str], body: bytes) -> "Event":
        return cls(
            headers.get("webhook-id", ""),
            headers.get("webhook-timestamp", ""),
            # A sender that changes its secret signs with the old one too.
            tuple(headers.get("webhook-signature", "").split()),
            body,
        )


def sign(secret: str, id: str, timestamp: str, body: bytes) -> str:
    return _signature(key_of(secret), id, timestamp, body)


def _signature(key: bytes, id: str, timestamp: str, body: bytes) -> str:
    message = f"{id}.{timestamp}.".encode() + body
    return SCHEME + base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode()


def verify(event: Event, secret: str, now: float) -> None:
    """Raises BadSignature, whatever is wrong."""
    # The id is signed too, so that an old event cannot be sent again under a new one.
    if not (ID.fullmatch(event.id) and TIMESTAMP.fullmatch(event.timestamp)):
        raise BadSignature
    signed = (event.id, event.timestamp, event.body)
    matches = [
        hmac.compare_digest(given.encode(), _signature(key, *signed).encode())
        for key in _keys_of(secret)
        for given in event.signatures
    ]
    if not any(matches) or abs(now - int(event.timestamp)) > TOLERANCE_SECONDS:
        raise BadSignature


def key_of(secret: str) -> bytes:
    """Standard Webhooks gives out keys as `whsec_<base64>`; any other text is taken as it is.

    Raises ValueError for a key that could be guessed, such as the masked one that a page shows.
    """
    encoded = secret.startswith(PREFIX)
    key = _decoded(secret.removeprefix(PREFIX)) if encoded else secret.encode()
    if len(key) < KEY_BYTES:
        has = f"{len(key)} bytes{' behind ' + PREFIX if encoded else ''}"
        raise ValueError(f"it has {has} and must have at least {KEY_BYTES}; {MAKE}")
    return key


def _keys_of(secret: str) -> Iterator[bytes]:
    """The reference libraries decode a secret without its prefix, too; other senders do not."""
    yield key_of(secret)
    if not secret.startswith(PREFIX):
        with suppress(ValueError):
            yield key_of(PREFIX + secret)


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        raise ValueError(f"what stands behind {PREFIX} is not Base64; {MAKE}") from None
