"""Secrets at rest: AES-256-GCM, each bound to its place, so that rows cannot be swapped."""

import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.errors import KeyFileOpen, SecretKeyMissing, SecretUnreadable

SHORTEST = 32
_NONCE_BYTES = 12


class Cipher:
    def __init__(self, keys: Sequence[str]) -> None:
        """The first seals; the others only open what they sealed before."""
        self._ciphers = {_id(key): AESGCM(_derived(key, b"secrets", 32)) for key in keys}
        self._newest = _id(keys[0])

    def seal(self, text: str, place: str) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, text.encode(), place.encode())
        return f"{self._newest}:{b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """Raises SecretKeyMissing, SecretUnreadable."""
        id_, _, content = sealed.partition(":")
        if id_ not in self._ciphers:
            raise SecretKeyMissing(place=place)
        kept = b64decode(content)
        nonce, encrypted = kept[:_NONCE_BYTES], kept[_NONCE_BYTES:]
        try:
            return self._ciphers[id_].decrypt(nonce, encrypted, place.encode()).decode()
        except InvalidTag as error:
            raise SecretUnreadable(place=place) from error

    def is_current(self, sealed: str) -> bool:
        return sealed.startswith(f"{self._newest}:")


def keys_of(given: Sequence[str], file: Path) -> tuple[str, ...]:
    """Those of the environment, then the file's; the file is made where there is no other."""
    return (*given, *_of_file(file, make=not given))


def _of_file(file: Path, make: bool) -> Iterator[str]:
    """Raises KeyFileOpen."""
    if file.exists():
        if file.stat().st_mode & 0o077:
            raise KeyFileOpen(file=file)
        yield file.read_text().strip()
    elif make:
        key = secrets.token_urlsafe(32)
        _write_private(file, key)
        yield key


def _write_private(file: Path, text: str) -> None:
    """Whole or not at all: what half a key sealed, nobody opens."""
    unfinished = file.with_name(f"{file.name}.new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(file)


def _id(key: str) -> str:
    return _derived(key, b"name of the key", 4).hex()


def _derived(key: str, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"engine: " + purpose).derive(key.encode())
