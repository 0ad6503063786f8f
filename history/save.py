"""Saving is a commit on a branch: no file of a checkout is touched, and nobody is overwritten."""

import re
import time
from dataclasses import dataclass

from history.git import GitHistory
from history.names import EDITS
from history.refs import branch_ref, read_ref
from history.write import commit_file, is_ancestor, move_branch, refuse_in_use
from windmill.scripts.model.base.errors import InvalidInput, Problem
from windmill.scripts.model.catalog.catalog import Catalog, read_entry
from windmill.scripts.model.catalog.history import (
    SHORT,
    BadAuthor,
    BadBranch,
    Busy,
    Conflict,
    Sides,
)
from windmill.scripts.model.catalog.pins import keys_of, read_commit, with_pins
from windmill.scripts.model.catalog.version import Versions
from windmill.scripts.model.check.check_catalog import check_catalog
from windmill.scripts.model.entry.entry import Entry

RACES = 20
_AUTHOR = re.compile(r"[^<>\x00-\x1f]*[^<>\x00-\x20] <[^<>\x00-\x20]*>")
_HASH = re.compile(r"[0-9a-fA-F]{7,40}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Draft:
    """An entry as somebody wants it, who saw it at the commit `base` (None: it is new)."""

    text: str
    base: str | None
    author: str
    message: str = ""
    branch: str = EDITS


@dataclass(frozen=True)
class Saved:
    key: str
    version: str
    commit: str
    branch: str
    changed: bool


def save_entry(history: GitHistory, draft: Draft) -> Saved:
    """Raises InvalidInput (what the checker says), Conflict (with both sides) and HistoryError."""
    if not _AUTHOR.fullmatch(draft.author):
        raise BadAuthor(author=draft.author)
    _refuse_hash(draft.branch)
    saving = _Saving(history, draft, read_entry(draft.text, "entry")[0])
    refuse_in_use(history.repo, draft.branch)
    for _ in range(RACES):
        saved = saving.attempt()
        if saved:
            return saved
        time.sleep(0.01)
    raise Busy(branch=draft.branch, lock=f"{branch_ref(draft.branch)}.lock")


def check_text(history: GitHistory, text: str) -> None:
    """Raises InvalidInput with all that saving it where edits go would refuse."""
    entry, _ = read_entry(text, "entry")
    start = tip(history)
    file = f"catalog/{path_of(history, start, entry.key)}"
    _Saving(history, Draft(text, None, ""), entry).check(start, file)


def tip(history: GitHistory, branch: str = EDITS) -> str | None:
    """Where work on a branch goes on; None where nothing was ever committed.

    A branch that is not there yet begins at HEAD; edits that have been merged go on from there.
    """
    head = read_ref(history.repo, "HEAD")
    edits = read_ref(history.repo, branch_ref(branch))
    if edits is None or (branch == EDITS and head and is_ancestor(history.repo, edits, head)):
        return head
    return edits


def head(history: GitHistory) -> str | None:
    return read_ref(history.repo, "HEAD")


def author(history: GitHistory) -> str:
    """Who commits here, as Git would say."""
    from dulwich.repo import get_user_identity

    return get_user_identity(history.repo.get_config_stack(), "AUTHOR").decode(errors="replace")


def path_of(history: GitHistory, commit: str | None, key: str) -> str:
    """Where an entry stands, or will."""
    path_by_key = keys_of(history.files(commit)) if commit else {}
    return path_by_key.get(key, f"{key}.yaml")


def text_at(history: GitHistory, commit: str | None, key: str) -> str:
    """'' where the entry is not there."""
    if commit is None or key not in keys_of(history.files(commit)):
        return ""
    return history.text(commit, path_of(history, commit, key))


@dataclass(frozen=True)
class _Saving:
    history: GitHistory
    draft: Draft
    entry: Entry

    def attempt(self) -> Saved | None:
        """None where somebody was faster: then all is looked at again."""
        history, draft, key = self.history, self.draft, self.entry.key
        before = read_ref(history.repo, branch_ref(draft.branch))
        start = tip(history, draft.branch)
        theirs = text_at(history, start, key)
        self.refuse_conflict(theirs, start)
        path = path_of(history, start, key)
        version = self.check(start, f"catalog/{path}")
        if start and theirs == self.text:
            return Saved(key, version, start, draft.branch, changed=False)
        message = self.message(theirs, version)
        commit = commit_file(history, start, path, self.text, draft.author, message)
        moved = move_branch(history.repo, draft.branch, before, commit)
        return Saved(key, version, commit, draft.branch, changed=True) if moved else None

    @property
    def text(self) -> str:
        return self.draft.text.rstrip("\n") + "\n"

    def refuse_conflict(self, theirs: str, start: str | None) -> None:
        seen = self.history.commit(self.draft.base) if self.draft.base else None
        base = text_at(self.history, seen, self.entry.key)
        if theirs in (base, self.text):
            return
        raise Conflict(
            Sides(base, theirs, self.text),
            key=self.entry.key,
            branch=self.draft.branch,
            base=seen[:SHORT] if seen else "it was thought new",
            theirs_commit=(start or "")[:SHORT],
        )

    def check(self, start: str | None, file: str) -> str:
        """Its version among what it uses; raises InvalidInput for all that it would break."""
        entry, source = read_entry(self.draft.text, file)
        catalog, lock, told_before = (
            read_commit(self.history, start) if start else (Catalog(), None, [])
        )
        after, problems = with_pins(catalog.with_entry(entry, source), self.history, lock)
        problems = [*problems, *check_catalog(after)]
        if problems:
            before, unpinned = with_pins(catalog, self.history, lock)
            told_before = [*told_before, *unpinned, *check_catalog(before)]
            _refuse([each for each in problems if each not in told_before or each.file == file])
        return Versions(after)[entry.key]

    def message(self, before: str, version: str) -> str:
        given = _CONTROL.sub(" ", self.draft.message).strip()
        lines = [given] if given else []
        return "\n\n".join([*lines, self.what(before), f"Catalog-Version: {version}"]) + "\n"

    def what(self, before: str) -> str:
        """`Change pipelines/x: steps, outputs`"""
        key = self.entry.key
        if not before:
            return f"Add {key}"
        try:
            old = read_entry(before, key)[0]
        except InvalidInput:
            return f"Mend {key}"
        fields = type(old).model_fields
        changed = [name for name in fields if getattr(old, name) != getattr(self.entry, name)]
        return f"Change {key}: {', '.join(changed).replace('with_', 'with') or 'words only'}"


def _refuse_hash(branch: str) -> None:
    """A branch named like a commit would answer for it wherever a pin or a person names one."""
    if _HASH.fullmatch(branch):
        raise BadBranch(branch=branch, reason="it reads like the hash of a commit")


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidInput(list(dict.fromkeys(problems)))
