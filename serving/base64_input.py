import base64
import binascii
from collections.abc import Mapping
from typing import Any

from serving import errors


def decoded(index: int, given: Any, field: str) -> bytes:
    """The bytes of {"image": "<base64>"}, with or without data:…;base64, before it."""
    text = given.get(field) if isinstance(given, Mapping) and set(given) == {field} else None
    if not isinstance(text, str):
        raise errors.BadInput(index, f'give an object with just "{field}", in base64')
    try:
        return base64.b64decode(text.rpartition("base64,")[2], validate=True)
    except (binascii.Error, ValueError):
        raise errors.BadInput(index, f"{field}: it is not base64") from None
