"""The catalog's past, as whoever can read a Git repository tells it."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..base.errors import MlopsError

SHORT = 12


class History(Protocol):
    """Read only. Paths are those below the catalog's folder; everything raises HistoryError."""

    def commit(self, ref: str) -> str:
        """The full id of the commit that a tag, branch or (short) id names today."""
        ...

    def files(self, commit: str) -> Sequence[str]: ...

    def text(self, commit: str, path: str) -> str: ...


@dataclass(frozen=True)
class Sides:
    """The three texts of one entry; '' where it was not there."""

    base: str
    theirs: str
    yours: str

    def diffs(self) -> dict[str, str]:
        return {
            "theirs": unified(self.base, self.theirs, "base", "theirs"),
            "yours": unified(self.base, self.yours, "base", "yours"),
        }

    def as_dict(self) -> dict[str, str]:
        return {"base": self.base, "theirs": self.theirs, "yours": self.yours}


def unified(before: str, after: str, before_name: str, after_name: str) -> str:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, before_name, after_name)
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


class HistoryError(MlopsError):
    """The history of the catalog cannot be read."""

    code = "history_error"


class NoHistory(HistoryError):
    """{path} is not in a Git repository."""

    code = "no_history"
    fix = "`git init` and commit the catalog, or leave out what follows the @."


class BadRef(HistoryError):
    """{ref!r} cannot be the name of a commit, tag or branch."""

    code = "bad_ref"
    fix = "Letters, digits and . _ - / make a name; it begins with a letter or digit."


class UnknownRef(HistoryError):
    """There is no commit, tag or branch {ref!r}."""

    code = "unknown_ref"


class AmbiguousRef(HistoryError):
    """{ref!r} is the beginning of several commits."""

    code = "ambiguous_ref"
    fix = "Write more of it."


class NotInCommit(HistoryError):
    """{key} is not in the catalog of commit {commit}."""

    code = "not_in_commit"


class Unreadable(HistoryError):
    """{path} of commit {commit} cannot be read: {reason}."""

    code = "unreadable"


class Conflict(HistoryError):
    """{key} was changed on {branch} since {base}; nothing was saved."""

    code = "conflict"
    fix = "Bring their change into yours, then save it with {theirs_commit} as its base."

    def __init__(self, sides: "Sides", **values: Any) -> None:
        super().__init__(**values)
        self.sides = sides

    def as_dict(self) -> dict[str, Any]:
        """With what each side has, and how it differs from their common base."""
        return {**super().as_dict(), **self.sides.as_dict(), "diffs": self.sides.diffs()}


class CheckedOut(HistoryError):
    """{branch} is checked out in {path}; a commit would make the files there look changed."""

    code = "checked_out"
    fix = "Save it on another branch and merge that, or write the file there and `git commit`."


class BadBranch(HistoryError):
    """{branch} cannot be written: {reason}."""

    code = "bad_branch"
    fix = "Choose another branch."


class BadAuthor(HistoryError):
    """{author!r} is not `Name <address>`."""

    code = "bad_author"
    fix = "For example: Ann Lee <ann@example.org>"


class Busy(HistoryError):
    """{branch} is being written by another Git."""

    code = "busy"
    fix = "Try again; if no Git is at work there, a killed one has left {lock}: remove that file."


class CannotWrite(HistoryError):
    """{path} cannot be written in the repository: {reason}."""

    code = "cannot_write"
