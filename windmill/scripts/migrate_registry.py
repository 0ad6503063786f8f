"""Bring the deployment registry up to date, before the next pipeline would.

Gives `revision`: the one it has now.
"""

from .store.opened import open_registry
from .store.schema import revision_of


def main() -> dict[str, str | None]:
    with open_registry().engine.connect() as connection:
        return {"revision": revision_of(connection)}
