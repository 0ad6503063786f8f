"""What catalog.lock is to say."""

from pathlib import Path

from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.base.source import Source
from windmill.scripts.model.catalog.catalog import read_catalog
from windmill.scripts.model.catalog.history import SHORT, History
from windmill.scripts.model.catalog.lock import CatalogLock, Pin, read_lock
from windmill.scripts.model.catalog.pins import with_pins
from windmill.scripts.model.catalog.version import Versions
from windmill.scripts.model.check.check_catalog import check_catalog


def wanted_lock(root: Path, history: History, update: bool = False) -> CatalogLock:
    """What is locked stays as it is; `update` goes on to what the refs name today.

    Raises InvalidInput where something pinned cannot be used.
    """
    catalog, problems = read_catalog(root)
    locked = None if update else read_lock(root)
    catalog, pinned = with_pins(catalog, history, locked or (CatalogLock(), Source({})))
    problems = list(dict.fromkeys([*problems, *pinned, *check_catalog(catalog)]))
    if problems:
        raise InvalidInput(problems)
    versions = Versions(catalog)
    return CatalogLock(
        pins={
            use: Pin(commit=commit, hash=versions[f"{use.partition('@')[0]}@{commit[:SHORT]}"])
            for use, commit in catalog.pins.items()
        }
    )
