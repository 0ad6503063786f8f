"""Checks a whole catalog: every problem at once, each with its place and what mends it."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..base.cycles import OF_ENTRIES
from ..base.errors import InvalidInput, Problem
from ..base.source import Source
from ..base.topology import find_cycle, in_order
from ..catalog.catalog import Catalog, read_catalog, read_entry
from ..catalog.history import History
from ..catalog.lock import read_lock
from ..catalog.pins import has_pins, with_pins
from ..drawing.component import Component
from ..entry.entry import Entry
from ..entry.rollup import Rollup
from .check_context import Context, Runnable
from .check_entry import check_entry, check_shape, uses_of

MAX_DEPTH = 30
MAX_LEAVES = 1_000_000


def check_catalog(catalog: Catalog, runnable: Runnable | None = None) -> list[Problem]:
    """[] when everything in it can be compiled."""
    shapes = {
        key: check_shape(entry, catalog.sources[key]) for key, entry in catalog.entries.items()
    }
    problems = [problem for wrong in shapes.values() for problem in wrong]
    sound = {key for key, wrong in shapes.items() if not wrong}
    endless = list(_endless(catalog))
    if endless:
        return _sorted([*problems, *endless])
    context = Context.of(catalog, runnable, frozenset(sound))
    for key in sound:
        problems += check_entry(catalog.entries[key], catalog.sources[key], context)
    return _sorted(problems)


def check_one(entry: Entry, source: Source, catalog: Catalog) -> list[Problem]:
    """As `check_catalog`, of one entry that is to be saved into a sound catalog."""
    after = catalog.with_entry(entry, source)
    problems = check_shape(entry, source)
    problems = problems or list(_endless(after))
    return _sorted(problems or check_entry(entry, source, Context.of(after)))


def load_catalog(
    root: Path, runnable: Runnable | None = None, history: History | None = None
) -> Catalog:
    """Read and checked; raises InvalidInput with all problems. Pinned entries need `history`."""
    catalog, problems = read_pinned(root, history)
    problems = _sorted([*problems, *check_catalog(catalog, runnable)])
    if problems:
        raise InvalidInput(problems)
    return catalog


def read_pinned(root: Path, history: History | None) -> tuple[Catalog, list[Problem]]:
    """As `read_catalog`, with what its entries pin."""
    catalog, problems = read_catalog(root)
    if not has_pins(catalog):
        return catalog, problems
    try:
        lock = read_lock(root)
    except InvalidInput as error:
        problems, lock = [*problems, *error.problems], None
    catalog, pinned = with_pins(catalog, history, lock)
    return catalog, [*problems, *pinned]


def load_entry(
    text: str, file: str, components: Mapping[str, Component], catalog: Catalog | None = None
) -> Entry:
    """One entry of one's own; raises InvalidInput naming file, line, field and fix."""
    entry, source = read_entry(text, file)
    around = catalog or Catalog(components)
    stem = Path(file).stem
    problems = check_one(entry, source, around)
    if "/" in file and stem != entry.name:
        message = f"name {entry.name!r} differs from the file's"
        problems.insert(0, source.problem(message, "name", f"Name it {stem!r}."))
    if problems:
        raise InvalidInput(problems)
    return entry


def _endless(catalog: Catalog) -> Iterator[Problem]:
    """Circles, and what is too deep or too large: told from the leaves upwards, so that no depth
    is too deep to be told.
    """
    uses = {key: sorted(uses_of(entry)) for key, entry in catalog.entries.items()}
    cycle = find_cycle(uses)
    if cycle:
        yield _circle(catalog, cycle)
        return
    for key in in_order(uses):
        rollup = catalog.rollups[key]
        if rollup.depth > MAX_DEPTH or rollup.leaves > MAX_LEAVES:
            yield from _bounds(key, catalog.sources[key], rollup)


def _circle(catalog: Catalog, cycle: list[str]) -> Problem:
    entry = catalog.entries[cycle[0]]
    at = next(i for i, step in enumerate(entry.steps or ()) if step.use == cycle[1])
    return OF_ENTRIES.problem(cycle, catalog.sources[cycle[0]], f"steps[{at}].use")


def _bounds(key: str, source: Source, rollup: Rollup) -> Iterator[Problem]:
    if rollup.depth > MAX_DEPTH:
        message = f"{key} is {rollup.depth} levels deep; the most is {MAX_DEPTH}"
        yield source.problem(message, "steps", "Flatten it.", "E-CAT-019")
    if rollup.leaves > MAX_LEAVES:
        message = f"{key} runs {rollup.leaves} leaves; the most is {MAX_LEAVES}"
        yield source.problem(message, "steps", "Split it.", "E-CAT-019")


def _sorted(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda each: (each.file, each.line, each.column, each.code))
