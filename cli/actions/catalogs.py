"""The catalog that commands look at, and how they name what is in it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.errors import NoSuchEntry
from cli.platform.home import ROOT

if TYPE_CHECKING:
    from history.git import GitHistory
    from windmill.scripts.model.base.errors import Problem
    from windmill.scripts.model.catalog.catalog import Catalog
    from windmill.scripts.model.check.check_context import Runnable
    from windmill.scripts.model.entry.entry import Entry

dir_option = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The catalog's folder.",
)


def catalog_folder(folder: Path | None) -> Path:
    if folder:
        return folder
    here = Path("catalog")
    return here if (here / "components").is_dir() else ROOT / "catalog"


def checked(folder: Path | None) -> "tuple[Catalog, list[Problem]]":
    """The catalog with all that is wrong with it."""
    from windmill.scripts.model.check.check_catalog import check_catalog, read_pinned

    root = catalog_folder(folder)
    with opened(folder) as history:
        catalog, problems = read_pinned(root, history)
    every = {*problems, *check_catalog(catalog, runnable_beside(root))}
    return catalog, sorted(every, key=lambda each: (each.file, each.line, each.column, each.code))


def sound(folder: Path | None) -> "Catalog":
    """Raises InvalidInput with all that is wrong."""
    from windmill.scripts.model.base.errors import InvalidInput

    catalog, problems = checked(folder)
    if problems:
        raise InvalidInput(problems)
    return catalog


def runnable_beside(root: Path) -> "Runnable":
    """What the checkout around a catalog has for leaves to run."""
    from windmill.scripts.model.check.check_context import Runnable

    checkout = root.absolute().parent
    modules = checkout / "terraform" / "modules"
    if not modules.is_dir():
        return Runnable()
    return Runnable(
        frozenset(each.name for each in modules.iterdir() if each.is_dir()),
        frozenset(each.name for each in (checkout / "ansible").glob("*.yml")),
        frozenset(each.stem.replace("_", "-") for each in (checkout / "n8n/workflows").glob("*")),
    )


def opened(folder: Path | None) -> "GitHistory":
    """The catalog's past; to be closed."""
    from history.git import GitHistory

    return GitHistory(catalog_folder(folder))


def full_key(catalog: "Catalog", name: str) -> str:
    """A whole key may name what is only in the past. Raises NoSuchEntry."""
    return name if "/" in name else find_entry(catalog, name).key


def find_entry(catalog: "Catalog", name: str) -> "Entry":
    """`rag-chatbot` will do where only one kind has it. Raises NoSuchEntry."""
    from windmill.scripts.model.base.names import did_you_mean

    if name in catalog.entries:
        return catalog.entries[name]
    named = [entry for key, entry in catalog.entries.items() if key.partition("/")[2] == name]
    if len(named) == 1:
        return named[0]
    fix = f"Say which: {', '.join(entry.key for entry in named)}." if named else ""
    names = list(catalog.entries) if "/" in name else [e.name for e in catalog.entries.values()]
    raise NoSuchEntry(name=name, fix=fix or did_you_mean(name, names))
