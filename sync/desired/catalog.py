"""The catalog, read once for the flows it compiles to and for the assets that deployments read."""

from pathlib import Path

from history.git import GitHistory
from windmill.scripts.model.base.errors import InvalidInput, Problem
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.check.check_catalog import load_catalog


def checked_catalog(root: Path, problems: list[Problem]) -> Catalog:
    """Empty where anything in it is wrong: the problems tell."""
    try:
        with GitHistory(root / "catalog") as history:
            return load_catalog(root / "catalog", history=history)
    except InvalidInput as error:
        problems.extend(error.problems)
        return Catalog()
