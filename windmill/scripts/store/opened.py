"""The registry of this installation, as the worker's environment names it."""

import os

from ..model.base.errors import StateNotShared
from .cells import keys_of
from .embedded import is_embedded
from .registry import Registry


def open_registry() -> Registry:
    """Raises StateNotShared: two registries are a forgotten machine; RegistryKeyShort."""
    # On a worker of Windmill the plain name is the address of Windmill's own database.
    url = os.environ.get("MLOPS_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
    if not url or (url.startswith("sqlite") and not is_embedded()):
        raise StateNotShared(url=url.partition("://")[0] or "(DATABASE_URL is not set)")
    return Registry(url, keys=keys_of())
