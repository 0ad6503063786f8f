"""The catalog's past, as whoever can read a Git repository tells it."""

from collections.abc import Sequence
from typing import Any, Protocol

from .errors import MlopsError

SHORT = 12


class History(Protocol):
    """Read only. Paths are those below the catalog's folder; everything raises HistoryError."""

    def commit(self, ref: str) -> str:
        """The full id of the commit that a tag, branch or (short) id names today."""
        ...

    def files(self, commit: str) -> Sequence[str]: ...

    def text(self, commit: str, path: str) -> str: ...


class HistoryError(MlopsError):
    """The history of the catalog cannot be read."""

    def __init__(self, fix: str = "", **values: Any) -> None:
        self.fix = fix or type(self).fix.format(**values)
        Exception.__init__(self, (type(self).__doc__ or "").format(**values))


class NoHistory(HistoryError):
    """{path} is not in a Git repository."""

    fix = "`git init` and commit the catalog, or leave out what follows the @."


class BadRef(HistoryError):
    """{ref!r} cannot be the name of a commit, tag or branch."""

    fix = "Letters, digits and . _ - / make a name; it begins with a letter or digit."


class UnknownRef(HistoryError):
    """There is no commit, tag or branch {ref!r}."""


class AmbiguousRef(HistoryError):
    """{ref!r} is the beginning of several commits."""

    fix = "Write more of it."


class NotInCommit(HistoryError):
    """{key} is not in the catalog of commit {commit}."""


class Unreadable(HistoryError):
    """{path} of commit {commit} cannot be read: {reason}."""
