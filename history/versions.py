"""The versions an entry has had, and what makes two of them differ."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from history.git import GitHistory, readable
from history.names import EDITS
from history.save import text_at, tip
from windmill.scripts.model.base.names import did_you_mean
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.catalog.history import SHORT, NotInCommit, unified
from windmill.scripts.model.catalog.pins import keys_of, read_one
from windmill.scripts.model.catalog.version import MISSING, Versions, parts_of

if TYPE_CHECKING:
    from dulwich.objects import Commit


@dataclass(frozen=True)
class Version:
    """`version` is '' where the entry was taken away or could not be read."""

    version: str
    commit: str
    date: str
    author: str
    subject: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def log(history: GitHistory, key: str, ref: str = "HEAD", limit: int = 50) -> list[Version]:
    """Newest first: each commit that changed the entry or something it uses.

    A commit is newer than those it was made from, whatever their clocks say.
    """
    from dulwich.objects import ObjectID
    from dulwich.walk import ORDER_TOPO

    start = history.commit(ref)
    with readable(path="the history", commit=start[:SHORT]):
        walker = history.repo.get_walker(include=[ObjectID(start.encode())], order=ORDER_TOPO)
        versions = list(islice(_changes(_Hashes(history, key), walker), limit))
    if not versions:
        keys = keys_of(history.files(start))
        raise NotInCommit(fix=did_you_mean(key, keys), key=key, commit=start[:SHORT])
    return versions


@dataclass(frozen=True)
class Source:
    key: str
    text: str
    version: str
    commit: str


def source(history: GitHistory, key: str, ref: str = EDITS) -> Source:
    """An entry as people may go on from it: on the branch of edits, or at `ref`."""
    commit = tip(history) if ref == EDITS else history.commit(ref)
    text = text_at(history, commit, key)
    if commit is None or not text:
        keys = keys_of(history.files(commit)) if commit else []
        raise NotInCommit(fix=did_you_mean(key, keys), key=key, commit=(commit or "")[:SHORT])
    return Source(key, text, version_at(history, commit, key), commit)


def version_at(history: GitHistory, commit: str, key: str) -> str:
    """MISSING where it is not there or cannot be read."""
    return Versions(read_one(history, commit, key))[f"{key}@{commit[:SHORT]}"]


@dataclass(frozen=True)
class Difference:
    key: str
    diff: str


def differences(
    history: GitHistory, root: Path, catalog: Catalog, key: str, ref: str
) -> list[Difference]:
    """What changed since `ref` in the entry and in all that it uses; the entry itself first."""
    commit = history.commit(ref)
    if not text_at(history, commit, key):
        keys_then = keys_of(history.files(commit))
        raise NotInCommit(fix=did_you_mean(key, keys_then), key=key, commit=commit[:SHORT])
    before = read_one(history, commit, key)
    of_commit = f"@{commit[:SHORT]}"
    old = [each.removesuffix(of_commit) for each in below(before, key + of_commit)]
    keys = dict.fromkeys([*below(catalog, key), *(each for each in old if "@" not in each)])
    texts = ((each, text_at(history, commit, each), _text(root, catalog, each)) for each in keys)
    return [
        Difference(each, unified(then, now, f"{each} {ref}", f"{each} now"))
        for each, then, now in texts
        if then != now
    ]


def below(catalog: Catalog, key: str) -> Iterator[str]:
    """The key, and those of all it is made of; what is pinned elsewhere is left out."""
    waiting, seen, _at = [key], {key}, key.partition("@")[2]
    while waiting:
        here = waiting.pop(0)
        yield here
        entry = catalog.entries.get(here)
        parts = [each for each in parts_of(entry) if each not in seen] if entry else []
        waiting += [each for each in dict.fromkeys(parts) if each.partition("@")[2] == _at]
        seen.update(parts)


def _text(root: Path, catalog: Catalog, key: str) -> str:
    source = catalog.sources.get(key)
    return (root.parent / source.file).read_text("utf-8") if source else ""


@dataclass
class _Hashes:
    """An entry's version at each commit, worked out once for each state of the catalog."""

    history: GitHistory
    key: str
    by_tree: dict[bytes | None, str] = field(default_factory=lambda: {None: MISSING})

    def __getitem__(self, commit: str) -> str:
        tree = self.history.tree_id(commit)
        if tree not in self.by_tree:
            self.by_tree[tree] = version_at(self.history, commit, self.key)
        return self.by_tree[tree]


def _changes(hashes: _Hashes, walker: Any) -> Iterator[Version]:
    for step in walker:
        commit: Commit = step.commit
        own = hashes[commit.id.decode()]
        before = [hashes[parent.decode()] for parent in commit.parents] or [MISSING]
        if own not in before:
            yield _version(commit, own)


def _version(commit: "Commit", version: str) -> Version:
    return Version(
        version,
        commit.id.decode(),
        datetime.fromtimestamp(commit.commit_time, UTC).isoformat(),
        commit.author.decode(errors="replace"),
        commit.message.decode(errors="replace").partition("\n")[0],
    )
