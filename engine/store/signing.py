"""What approval links are signed with: made once, kept with the data, sealed."""

import secrets

from engine.store.cipher import Cipher
from engine.store.db import Database

_PLACE = "meta/secret"


def signing_secret(db: Database, cipher: Cipher) -> bytes:
    """Raises SecretKeyMissing, SecretUnreadable."""
    kept = db.value("select value from meta where key = 'secret'")
    secret = _opened(kept, cipher) if kept else secrets.token_hex(32)
    if not kept or not cipher.is_current(kept):
        sealed = cipher.seal(secret, _PLACE)
        db.run("insert or replace into meta values ('secret', ?)", sealed)
        if kept:
            db.wipe()
    return bytes.fromhex(secret)


def _opened(kept: str, cipher: Cipher) -> str:
    """An earlier version kept it plain, in hexadecimal digits alone."""
    return cipher.open(kept, _PLACE) if ":" in kept else kept
