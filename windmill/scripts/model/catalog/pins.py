"""`use: pipelines/x@v1`: the entry as that commit has it, with all it used there."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from ..base.errors import InvalidInput, Problem
from ..base.names import did_you_mean
from ..base.parse import parse
from ..base.source import Source, load_yaml
from ..drawing.component import Component
from ..entry.entry import Entry, PinnedEntry
from .catalog import FOLDERS, SUFFIX, Catalog, Unresolved, check_place, gather
from .history import SHORT, History, HistoryError, NotInCommit
from .lock import LOCK_FILE, CatalogLock, parse_lock
from .version import Versions

MAX_PINNED = 2000


def has_pins(catalog: Catalog) -> bool:
    return any("@" in step.use for entry in catalog.entries.values() for step in entry.steps or ())


def with_pins(
    catalog: Catalog, history: History | None, locked: tuple[CatalogLock, Source] | None = None
) -> tuple[Catalog, list[Problem]]:
    """Every pinned use names its commit, and what it names is in the catalog.

    What cannot be found is told where it is used (`catalog.unresolved`); what is broken there, and
    what is no longer what was locked, is told here.
    """
    if not has_pins(catalog):
        return catalog, []
    lock, source = locked or (CatalogLock(), Source({}))
    reader = _Reader(history, lock)
    entries = {key: reader.resolved(entry) for key, entry in catalog.entries.items()}
    reader.read_all()
    pinned = replace(
        catalog,
        entries={**entries, **reader.entries},
        sources={**catalog.sources, **reader.sources},
        pinned_components=reader.components,
        unresolved=reader.unresolved,
        pins=reader.pins,
    )
    return pinned, [*reader.problems, *_changed(pinned, lock, source)]


def _changed(catalog: Catalog, lock: CatalogLock, source: Source) -> Iterator[Problem]:
    versions = Versions(catalog)
    for use, pin in lock.pins.items():
        key = f"{use.partition('@')[0]}@{pin.commit[:SHORT]}"
        if catalog.pins.get(use) == pin.commit and versions[key] not in ("", pin.hash):
            message = f"{use} is locked as {pin.hash[:SHORT]}, but is {versions[key][:SHORT]}"
            fix = "Look at what it uses (`mlops catalog diff`), then `mlops catalog lock --update`."
            yield source.problem(message, f"pins.{use}", fix, "E-CAT-031")


@dataclass
class _Reader:
    history: History | None
    lock: CatalogLock
    entries: dict[str, Entry] = field(default_factory=dict)
    components: dict[str, Component] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    unresolved: dict[str, Unresolved] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    waiting: deque[tuple[str, str]] = field(default_factory=deque)
    seen: set[str] = field(default_factory=set)
    files: dict[str, Mapping[str, str]] = field(default_factory=dict)
    locks: dict[str, CatalogLock] = field(default_factory=dict)

    def resolved(self, entry: Entry, commit: str = "") -> Entry:
        """Its steps name commits; `commit` is the one that the entry itself is of."""
        if not entry.steps or not (commit or any("@" in step.use for step in entry.steps)):
            return entry
        steps = tuple(
            step.model_copy(update={"use": self.use(step.use, commit)}) for step in entry.steps
        )
        return entry.model_copy(update={"steps": steps})

    def use(self, use: str, commit: str) -> str:
        key, _, ref = use.partition("@")
        try:
            pinned_to = self.commit(use, ref, commit) if ref else commit
        except HistoryError as error:
            self.unresolved[use] = Unresolved(f"{use}: {error.message}", error.fix)
            return use
        if not pinned_to:
            return use
        self.waiting.append((pinned_to, key))
        return f"{key}@{pinned_to[:SHORT]}"

    def commit(self, use: str, ref: str, inside: str) -> str:
        pin = self.lock_of(inside).pins.get(use) if inside else None
        if pin:
            return pin.commit
        if use not in self.pins:
            own = self.lock.pins.get(use)
            self.pins[use] = own.commit if own else self.past.commit(ref)
        return self.pins[use]

    @property
    def past(self) -> History:
        if self.history is None:
            raise HistoryError(fix="Run it in the catalog's Git checkout.")
        return self.history

    def read_all(self) -> None:
        while self.waiting:
            commit, key = self.waiting.popleft()
            pinned = f"{key}@{commit[:SHORT]}"
            if pinned in self.seen:
                continue
            self.seen.add(pinned)
            try:
                self.check_size()
                self.read(commit, key, pinned)
            except HistoryError as error:
                self.unresolved[pinned] = Unresolved(error.message, error.fix)
            except InvalidInput as error:
                self.problems += error.problems
                message = f"{key} is broken at commit {commit[:SHORT]}"
                self.unresolved[pinned] = Unresolved(message, "Pin another version of it.")

    def check_size(self) -> None:
        if len(self.seen) > MAX_PINNED:
            raise HistoryError(
                fix=f"At most {MAX_PINNED} entries may be pinned, with all they use."
            )

    def read(self, commit: str, key: str, pinned: str) -> None:
        source = self.source(commit, key)
        entry = parse(Entry, source)
        misplaced = list(check_place(entry, key.split("/")[0], source))
        if misplaced:
            raise InvalidInput(misplaced)
        self.read_components(entry, commit)
        at_commit = PinnedEntry.of(self.resolved(entry, commit), commit)
        self.entries[pinned] = at_commit
        self.sources[pinned] = source

    def read_components(self, entry: Entry, commit: str) -> None:
        for node in entry.graph.nodes if entry.graph else ():
            name = f"{node.component}@{commit[:SHORT]}"
            if name not in self.components:
                source = self.source(commit, f"components/{node.component}")
                self.components[name] = parse(Component, source)

    def source(self, commit: str, key: str) -> Source:
        files = self.files_of(commit)
        if key not in files:
            raise NotInCommit(fix=did_you_mean(key, files), key=key, commit=commit[:SHORT])
        shown = f"{commit[:SHORT]}:catalog/{files[key]}"
        return load_yaml(self.past.text(commit, files[key]), shown)

    def files_of(self, commit: str) -> Mapping[str, str]:
        if commit not in self.files:
            self.files[commit] = keys_of(self.past.files(commit))
        return self.files[commit]

    def lock_of(self, commit: str) -> CatalogLock:
        if commit not in self.locks:
            has_one = LOCK_FILE in self.past.files(commit)
            shown = f"{commit[:SHORT]}:catalog/{LOCK_FILE}"
            text = self.past.text(commit, LOCK_FILE) if has_one else ""
            self.locks[commit] = parse_lock(text, shown)[0] if has_one else CatalogLock()
        return self.locks[commit]


def keys_of(paths: Iterable[str]) -> dict[str, str]:
    """Entries and components by key, as the names of their files tell."""
    path_by_key = {}
    for path in paths:
        folder, _, rest = path.partition("/")
        if folder in FOLDERS and rest.endswith(SUFFIX):
            path_by_key[f"{folder}/{PurePosixPath(rest).stem}"] = path
    return path_by_key


def read_one(history: History, commit: str, key: str) -> Catalog:
    """One entry as a commit has it and all it uses; `unresolved` tells what is not there."""
    reader = _Reader(history, CatalogLock())
    reader.waiting.append((commit, key))
    reader.read_all()
    return Catalog(
        entries=reader.entries,
        sources=reader.sources,
        pinned_components=reader.components,
        unresolved=reader.unresolved,
        pins=reader.pins,
    )


def read_commit(
    history: History, commit: str
) -> tuple[Catalog, tuple[CatalogLock, Source] | None, list[Problem]]:
    """The whole catalog as a commit has it, and its lock; `with_pins` brings what it pins."""
    problems: list[Problem] = []
    catalog = gather(_sources(history, commit, problems), problems)
    locked = None
    if LOCK_FILE in history.files(commit):
        try:
            locked = parse_lock(history.text(commit, LOCK_FILE), f"catalog/{LOCK_FILE}")
        except InvalidInput as error:
            problems += error.problems
    return catalog, locked, problems


def _sources(
    history: History, commit: str, problems: list[Problem]
) -> Iterator[tuple[str, Source]]:
    for path in sorted(keys_of(history.files(commit)).values()):
        try:
            source = load_yaml(history.text(commit, path), f"catalog/{path}")
        except InvalidInput as error:
            problems += error.problems
        except HistoryError as error:
            problems.append(Problem(error.message, file=f"catalog/{path}", code="E-CAT-020"))
        else:
            yield path.split("/")[0], source
