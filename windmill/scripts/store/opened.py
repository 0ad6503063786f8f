"""The registry of this installation, as the worker's environment names it."""

import os

from ..model.base.errors import StateNotShared
from .cells import keys_of
from .embedded import is_embedded
from .reading import RegistryReader
from .registry import Registry


def open_registry() -> Registry:
    """Raises StateNotShared: two registries are a forgotten machine; RegistryKeyShort."""
    return Registry(_url(), keys=keys_of())


def open_registry_to_read() -> RegistryReader:
    """As it is: its tables are not brought up to date. Raises StateNotShared, RegistryBehind."""
    return RegistryReader(_url(), keys_of())


def _url() -> str:
    # On a worker of Windmill the plain name is the address of Windmill's own database.
    url = os.environ.get("MLOPS_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
    if not url or (url.startswith("sqlite") and not is_embedded()):
        raise StateNotShared(url=url.partition("://")[0] or "(DATABASE_URL is not set)")
    return url
