"""Exoscale's key has two parts, which are stored as one secret."""

from pydantic import SecretStr

from ...model.drawing.provider_keys import key_parts
from ..rental.errors import KeyRefused
from .refusals import PROVIDER


def parts(stored: SecretStr) -> tuple[str, SecretStr]:
    """Raises KeyRefused, which tells nothing of it."""
    found = key_parts("exoscale", stored.get_secret_value())
    if found is None:
        raise KeyRefused(PROVIDER, "what is stored is not of the form EXOkey:secret")
    return found[0], SecretStr(found[1])
