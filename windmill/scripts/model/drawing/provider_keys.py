"""Keys of providers that give two parts: written and stored as one text."""

import re

from ..base.target import KEY_FORMS


def key_parts(target: str, key: str) -> tuple[str, str] | None:
    """Of a target that KEY_FORMS names; None where the key is not of its form."""
    found = re.fullmatch(KEY_FORMS[target]["pattern"], key)
    return (found[1], found[2]) if found else None
