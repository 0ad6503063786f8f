"""The catalog's past, read from Git's objects: no program is started and nothing is fetched."""

import stat
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from history.refs import resolve
from windmill.scripts.model.base.source import MAX_CHARACTERS
from windmill.scripts.model.catalog.history import SHORT, NoHistory, NotInCommit, Unreadable

if TYPE_CHECKING:
    from dulwich.objects import Tree
    from dulwich.repo import Repo

MAX_FILES = 50_000
MAX_DEPTH = 10
_LINK, _SUBMODULE = 0o120000, 0o160000


@dataclass(frozen=True)
class File:
    mode: int
    id: bytes


@dataclass
class GitHistory:
    """The past of one catalog folder, in a checkout or in a bare repository.

    Opened when first asked: whoever pins nothing pays nothing.
    """

    folder: Path
    _trees: dict[bytes, Mapping[str, File]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if "repo" in self.__dict__:
            self.repo.close()

    @cached_property
    def repo(self) -> "Repo":
        from dulwich.errors import NotGitRepository
        from dulwich.repo import Repo

        try:
            return Repo.discover(self.folder.resolve())
        except (NotGitRepository, OSError, ValueError) as error:
            raise NoHistory(path=str(self.folder)) from error

    @property
    def prefix(self) -> tuple[str, ...]:
        """Where the catalog stands in the repository's trees."""
        return self.folder.resolve().relative_to(Path(self.repo.path).resolve()).parts

    def commit(self, ref: str) -> str:
        return resolve(self.repo, ref)

    def files(self, commit: str) -> Sequence[str]:
        return list(self.tree(commit))

    def text(self, commit: str, path: str) -> str:
        file = self.tree(commit).get(path)
        if file is None:
            raise NotInCommit(key=path, commit=commit[:SHORT])
        return self.read(file, commit, path)

    def read(self, file: File, commit: str, path: str) -> str:
        """Raises Unreadable."""
        from dulwich.objects import Blob, ObjectID

        told = {"path": path, "commit": commit[:SHORT]}
        if not stat.S_ISREG(file.mode):
            raise Unreadable(**told, reason="it is a link, not a file")
        with readable(**told):
            blob = self.repo[ObjectID(file.id)]
            data = blob.data if isinstance(blob, Blob) else b""
        if len(data) > 4 * MAX_CHARACTERS:
            raise Unreadable(**told, reason=f"it is larger than {MAX_CHARACTERS} characters")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Unreadable(**told, reason="it is not UTF-8 text") from error

    def tree(self, commit: str) -> Mapping[str, File]:
        """Every file below the catalog's folder by its path there."""
        id = self.tree_id(commit)
        if id is None:
            return {}
        if id not in self._trees:
            self._trees[id] = {}
            for path, file in self._walk(id, "", 0):
                self._trees[id][path] = file  # type: ignore[index]  # ours until it is given out
                if len(self._trees[id]) > MAX_FILES:
                    raise Unreadable(
                        path="the catalog", commit=commit[:SHORT], reason="it has too many files"
                    )
        return self._trees[id]

    def tree_id(self, commit: str) -> bytes | None:
        """Of the catalog's folder; None where that commit has none."""
        from dulwich.objects import Commit, ObjectID, Tree

        with readable(path="the catalog", commit=commit[:SHORT]):
            held = self.repo[ObjectID(commit.encode())]
            assert isinstance(held, Commit), "`commit` gives commits"
            id: ObjectID = held.tree
            for part in self.prefix:
                tree = self.repo[id]
                entry = dict(_entries(tree)).get(part) if isinstance(tree, Tree) else None
                if entry is None or not stat.S_ISDIR(entry.mode):
                    return None
                id = ObjectID(entry.id)
            return id

    def _walk(self, id: bytes, path: str, depth: int) -> Iterator[tuple[str, File]]:
        from dulwich.objects import ObjectID, Tree

        with readable(path=path or "the catalog", commit=id.decode()[:SHORT]):
            tree = self.repo[ObjectID(id)]
        if not isinstance(tree, Tree) or depth > MAX_DEPTH:
            return
        for name, file in _entries(tree):
            here = f"{path}/{name}" if path else name
            if stat.S_ISDIR(file.mode):
                yield from self._walk(file.id, here, depth + 1)
            elif file.mode != _SUBMODULE:
                yield here, file


def _entries(tree: "Tree") -> Iterator[tuple[str, File]]:
    for item in tree.iteritems():
        assert item.path is not None
        assert item.mode is not None
        assert item.sha is not None
        yield item.path.decode("utf-8", "surrogateescape"), File(item.mode, item.sha)


@contextmanager
def readable(path: str, commit: str) -> Iterator[None]:
    """Objects that are missing or damaged become Unreadable."""
    from dulwich.errors import ChecksumMismatch, ObjectFormatException

    try:
        yield
    except (KeyError, OSError, ObjectFormatException, ChecksumMismatch, zlib.error) as error:
        reason = "Git's object is missing or damaged"
        raise Unreadable(
            fix="`git fsck` tells more.", path=path, commit=commit, reason=reason
        ) from error
