"""Exoscale's key has two parts, which are stored as one secret."""

from pydantic import SecretStr

from ...model.drawing.provider_keys import KEY_FORMS
from ..rental.errors import KeyRefused
from .refusals import PROVIDER


def parts(stored: SecretStr) -> tuple[str, SecretStr]:
    """Raises KeyRefused, which tells nothing of it."""
    form = KEY_FORMS["exoscale"]
    found = form.parts(stored.get_secret_value())
    if found is None:
        raise KeyRefused(PROVIDER, f"what is stored is not of the form {form.example}")
    return found[0], SecretStr(found[1])
