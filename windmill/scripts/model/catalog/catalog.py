"""The catalog in Git: components, playbooks, pipelines and meta-pipelines, read as a whole."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..base.cached_property import cached_property
from ..base.errors import InvalidInput, Problem
from ..base.parse import parse
from ..base.source import Source, load_yaml
from ..drawing.component import Component
from ..entry.entry import KINDS, Entry
from ..entry.rollup import Rollups

FOLDERS = ("components", *(f"{kind}s" for kind in KINDS))
SUFFIX = ".yaml"


@dataclass(frozen=True)
class Unresolved:
    """Why a pinned use leads nowhere, told where it is used."""

    message: str
    fix: str


@dataclass(frozen=True)
class Catalog:
    """Entries by key (`pipelines/rag-chatbot`; pinned ones end in `@<commit>`), with their text.

    Steps name the commits of what they pin; `pins` tells which commit each written use stands for.
    """

    components: Mapping[str, Component] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    pinned_components: Mapping[str, Component] = field(default_factory=dict)
    unresolved: Mapping[str, Unresolved] = field(default_factory=dict)
    pins: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def rollups(self) -> Rollups:
        """What follows from each entry and from all below it."""
        return Rollups(self.entries)

    def with_entry(self, entry: Entry, source: Source) -> "Catalog":
        """The catalog as it is once this entry is saved."""
        entries = {**self.entries, entry.key: entry}
        return replace(self, entries=entries, sources={**self.sources, entry.key: source})


def read_catalog(root: Path) -> tuple[Catalog, list[Problem]]:
    """What can be read under `root`, and what is wrong with the rest; nothing is checked yet."""
    problems: list[Problem] = []
    catalog = gather(_sources(root, problems), problems)
    return catalog, problems


def gather(sources: Iterable[tuple[str, Source]], problems: list[Problem]) -> Catalog:
    """Of the parsed files, each with the folder it was found in."""
    components: dict[str, Component] = {}
    entries: dict[str, Entry] = {}
    kept: dict[str, Source] = {}
    for folder, source in sources:
        model: type[BaseModel] = Component if folder == "components" else Entry
        try:
            read = parse(model, source)
        except InvalidInput as error:
            problems.extend(error.problems)
            continue
        problems.extend(check_place(read, folder, source))
        key = f"{folder}/{read.name}"  # type: ignore[attr-defined]  # both models have one
        if key in kept:
            message = f"{key} is also in {kept[key].file}"
            problems.append(source.problem(message, "name", "Rename one.", "E-CAT-017"))
            continue
        kept[key] = source
        if isinstance(read, Component):
            components[read.name] = read
        elif isinstance(read, Entry):
            entries[key] = read
    return Catalog(components, entries, kept)


def read_entry(text: str, file: str) -> tuple[Entry, Source]:
    """Raises InvalidInput naming file, line, field and fix."""
    source = load_yaml(text, file)
    return parse(Entry, source), source


def check_place(read: Any, folder: str, source: Source) -> Iterator[Problem]:
    """The file tree tells what an entry is; the entry may not say otherwise."""
    stem = Path(source.file).stem
    if stem != read.name:
        message = f"name {read.name!r} differs from the file's"
        yield source.problem(message, "name", f"Name it {stem!r}.")
    if f"{read.kind}s" != folder:
        fix = f"Move it to {read.kind}s/, or say `kind: {folder[:-1]}`."
        yield source.problem(f"a {read.kind} does not belong in {folder}/", "kind", fix)


def _sources(root: Path, problems: list[Problem]) -> Iterator[tuple[str, Source]]:
    for folder in FOLDERS:
        for path in sorted(_files(str(root / folder))):
            shown = f"{root.name}/{Path(path).relative_to(root).as_posix()}"
            source = _read(path, shown, root, problems)
            if source:
                yield folder, source


def _files(folder: str) -> Iterator[str]:
    for inside, _, names in os.walk(folder):
        yield from (os.path.join(inside, name) for name in names if name.endswith(SUFFIX))


def _read(path: str, shown: str, root: Path, problems: list[Problem]) -> Source | None:
    try:
        if os.path.islink(path) and not Path(path).resolve().is_relative_to(root.resolve()):
            message, fix = "is a link that leaves the catalog", "Copy the file instead."
            raise InvalidInput([Problem(message, file=shown, fix=fix, code="E-CAT-020")])
        with open(path, encoding="utf-8") as file:
            return load_yaml(file.read(), shown)
    except InvalidInput as error:
        problems.extend(error.problems)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        problems.append(Problem(f"cannot be read: {reason}", file=shown, code="E-YAML"))
    return None
