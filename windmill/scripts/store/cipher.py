"""Texts at rest: AES-256-GCM, each bound to its place, so that cells cannot be swapped.

As `engine.store.cipher`, with keys of its own purpose.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..model.base.errors import RegistryCellUnreadable, RegistryKeyMissing

_NONCE_BYTES = 12


class Cipher:
    def __init__(self, keys: Sequence[str]) -> None:
        """The first seals; the others only open what they sealed before."""
        self._ciphers = {_id(key): AESGCM(_derived(key, b"fields", 32)) for key in keys}
        self.newest = _id(keys[0]) if keys else ""

    def seal(self, text: str, place: str) -> str:
        """`<key's id>:<nonce and sealed text>`"""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self.newest].encrypt(nonce, text.encode(), place.encode())
        return f"{self.newest}:{b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """Raises RegistryKeyMissing, RegistryCellUnreadable."""
        id_, _, content = sealed.partition(":")
        if id_ not in self._ciphers:
            raise RegistryKeyMissing(place=place)
        try:
            kept = b64decode(content, validate=True)
            nonce, encrypted = kept[:_NONCE_BYTES], kept[_NONCE_BYTES:]
            return self._ciphers[id_].decrypt(nonce, encrypted, place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise RegistryCellUnreadable(place=place) from error


def _id(key: str) -> str:
    return _derived(key, b"name of the key", 4).hex()


def _derived(key: str, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"registry: " + purpose).derive(key.encode())
