"""Saving: what the real Git then sees, and what is refused so that nobody's work is lost."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from history.git import GitHistory
from history.names import EDITS
from history.save import Draft, Saved, save_entry, tip
from tests.history.repository import ECHO, TALK, Repository
from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.catalog.history import (
    BadAuthor,
    BadBranch,
    BadRef,
    Busy,
    CannotWrite,
    CheckedOut,
    Conflict,
    Unreadable,
)

ANN = "Ann Lee <ann@example.org>"
CHANGED = ECHO.replace("Says it again", "Says it once more")
THEIRS = ECHO.replace("Says it again", "Shouts it")


def save(
    repository: Repository, text: str = CHANGED, base: str | None = "HEAD", **more: str
) -> Saved:
    with repository.history() as history:
        return save_entry(history, Draft(text, base, more.pop("author", ANN), **more))


def state(repository: Repository) -> list[str]:
    """Everything that a person at work in the checkout would notice."""
    return [
        repository.git("status", "--porcelain=v2", "--branch"),
        repository.git("diff", "HEAD"),
        repository.git("diff", "--cached"),
    ]


def test_a_save_is_a_commit_that_git_reads_and_no_work_of_others_is_touched(
    repository: Repository,
) -> None:
    repository.write("playbooks/echo", THEIRS)  # somebody's, not committed
    repository.write("playbooks/new", ECHO.replace("echo", "new"))
    repository.git("add", "catalog/playbooks/new.yaml")
    before = state(repository)
    saved = save(repository, message="Say it once more\n\nPeople asked.")
    assert state(repository) == before
    assert repository.git("rev-parse", EDITS) == saved.commit
    assert repository.git("show", f"{EDITS}:catalog/playbooks/echo.yaml") == CHANGED.strip()
    assert repository.git("diff", "--name-only", "HEAD", EDITS) == "catalog/playbooks/echo.yaml"
    assert repository.git("log", "-1", "--format=%an <%ae>|%P", EDITS) == (
        f"{ANN}|{repository.git('rev-parse', 'HEAD')}"
    )
    message = repository.git("log", "-1", "--format=%B", EDITS)
    what = f"Change playbooks/echo: summary\n\nCatalog-Version: {saved.version}"
    assert message == f"Say it once more\n\nPeople asked.\n\n{what}"
    repository.git("fsck", "--strict")


def test_what_git_commits_is_gone_on_from_and_merged_edits_are_too(repository: Repository) -> None:
    first = save(repository)
    repository.git("gc", "-q")
    repository.git("pack-refs", "--all")
    second = save(repository, TALK.replace("kind", "summary: Talks\nkind"), base=first.commit)
    assert repository.git("rev-parse", f"{EDITS}~1") == first.commit
    repository.git("merge", "-q", "--ff-only", EDITS)
    merged = repository.commit("Merged, and then some")
    third = save(repository, THEIRS, base=second.commit)
    assert repository.git("rev-parse", f"{third.commit}~1") == merged
    repository.git("fsck", "--strict")


@pytest.mark.parametrize("behind", [0, 100], ids=["right", "behind"])
def test_edits_count_as_merged_whatever_the_clock_of_who_merged_them(
    repository: Repository, behind: int
) -> None:
    with repository.history() as history:
        save_entry(history, Draft(CHANGED, "HEAD", ANN))
        now = int(repository.git("log", "-1", "--format=%ct", EDITS))
        merge = ("merge", "-q", "--no-ff", "-m", "Merge", EDITS)
        repository.git(*merge, at=now - behind)
        merged = repository.commit("Go on", at=now + 10)
        assert tip(history) == merged


def test_saving_what_is_there_makes_no_commit(repository: Repository) -> None:
    saved = save(repository, ECHO)
    assert not saved.changed
    assert repository.git("branch", "--list", EDITS) == ""


def test_a_change_of_others_is_refused_with_both_sides_and_nothing_is_lost(
    repository: Repository,
) -> None:
    theirs = save(repository, THEIRS)
    with pytest.raises(Conflict, match="playbooks/echo was changed on catalog-edits") as caught:
        save(repository, CHANGED)
    sides = caught.value.sides
    assert (sides.base, sides.theirs, sides.yours) == (ECHO, THEIRS, CHANGED)
    assert "+summary: Shouts it" in sides.diffs()["theirs"]
    assert "+summary: Says it once more" in sides.diffs()["yours"]
    assert theirs.commit[:12] in caught.value.fix
    assert repository.git("rev-parse", EDITS) == theirs.commit
    assert save(repository, CHANGED, base=theirs.commit).changed


def test_a_new_entry_does_not_replace_one_that_is_there(repository: Repository) -> None:
    with pytest.raises(Conflict, match="it was thought new"):
        save(repository, CHANGED, base=None)


def test_an_entry_that_others_removed_is_not_brought_back_unseen(repository: Repository) -> None:
    repository.write("playbooks/alone", ECHO.replace("name: echo", "name: alone"))
    base = repository.commit()
    repository.git("rm", "-q", "catalog/playbooks/alone.yaml")
    repository.commit()
    with pytest.raises(Conflict) as caught:
        save(repository, CHANGED.replace("name: echo", "name: alone"), base=base)
    assert caught.value.sides.theirs == ""


def test_changes_of_other_entries_are_no_conflict(repository: Repository) -> None:
    base = repository.git("rev-parse", "HEAD")
    save(repository, TALK.replace("kind", "summary: Talks\nkind"))
    save(repository, CHANGED, base=base)
    assert repository.git("rev-list", "--count", f"main..{EDITS}") == "2"


def test_of_writers_of_one_entry_exactly_one_wins(repository: Repository) -> None:
    def write(number: int) -> Saved | Conflict:
        try:
            return save(repository, ECHO.replace("Says it again", f"Says it {number} times"))
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(write, range(8)))
    winners = [each for each in done if isinstance(each, Saved)]
    assert len(winners) == 1
    assert repository.git("rev-parse", EDITS) == winners[0].commit
    assert repository.git("rev-list", "--count", f"main..{EDITS}") == "1"
    repository.git("fsck", "--strict")


def test_writers_of_different_entries_all_win_beside_a_git_that_packs(
    repository: Repository,
) -> None:
    def write(number: int) -> Saved:
        return save(repository, ECHO.replace("name: echo", f"name: echo-{number}"), base=None)

    def pack(_: int) -> None:
        repository.git("pack-refs", "--all")

    with ThreadPoolExecutor(6) as pool:
        packing = pool.map(pack, range(6))
        saved = list(pool.map(write, range(8)))
        list(packing)
    assert repository.git("rev-list", "--count", f"main..{EDITS}") == "8"
    files = repository.git("ls-tree", "--name-only", f"{EDITS}:catalog/playbooks").split()
    assert files == sorted(["echo.yaml", *(f"echo-{number}.yaml" for number in range(8))])
    assert {each.commit for each in saved} == set(
        repository.git("rev-list", f"main..{EDITS}").split()
    )


KILLED = """
import os, signal, sys
from pathlib import Path
from history import save, write
from history.git import GitHistory
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
save.move_branch = kill
save.save_entry(GitHistory(Path(sys.argv[1])), save.Draft(sys.argv[2], "HEAD", "A <a@b>"))
"""


@pytest.mark.slow
def test_a_kill_before_the_branch_moves_loses_nothing(repository: Repository) -> None:
    base = save(repository, THEIRS).commit
    command = [sys.executable, "-c", KILLED, str(repository.catalog)]
    draft = TALK.replace("kind", "summary: Talks\nkind")
    done = subprocess.run([*command, draft], check=False)
    assert done.returncode == -signal.SIGKILL
    assert repository.git("rev-parse", EDITS) == base
    repository.git("fsck", "--strict")
    assert "dangling commit" in repository.git("fsck", "--no-reflogs", "--lost-found")
    assert save(repository, draft).changed


def test_what_a_killed_writer_left_of_an_object_stops_nobody(repository: Repository) -> None:
    id = repository.git("hash-object", "--stdin", input=CHANGED)
    folder = repository.path / ".git" / "objects" / id[:2]
    folder.mkdir(exist_ok=True)
    (folder / f"{id[2:]}.lock").write_bytes(b"half")
    assert save(repository).changed
    repository.git("fsck", "--strict")


def test_a_lock_that_a_killed_git_left_is_named(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("history.write.TRIES", 1)
    lock = repository.path / ".git" / "refs" / "heads" / f"{EDITS}.lock"
    lock.touch()
    with pytest.raises(Busy) as caught:
        save(repository)
    assert f"refs/heads/{EDITS}.lock" in caught.value.fix
    lock.unlink()
    assert save(repository).changed


def test_a_branch_that_somebody_looks_at_is_not_moved_under_them(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("worktree", "add", "-q", "-b", "theirs", str(tmp_path / "theirs"))
    repository.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    for branch in ("main", "theirs"):
        with pytest.raises(CheckedOut, match=f"{branch} is checked out in"):
            save(repository, branch=branch)
    with pytest.raises(BadBranch, match="link to another branch"):
        save(repository, branch="alias")
    with (
        GitHistory(tmp_path / "theirs" / "catalog") as history,
        pytest.raises(CheckedOut, match=r"main is checked out in .*work"),
    ):
        save_entry(history, Draft(CHANGED, "HEAD", ANN, branch="main"))


@pytest.mark.parametrize("branch", ["../main", "-f", "a..b", "HEAD.lock", "", "x y", "refs/../x"])
def test_a_hostile_branch_is_refused(repository: Repository, branch: str) -> None:
    with pytest.raises(BadRef):
        save(repository, branch=branch)


@pytest.mark.parametrize("branch", ["deadbee", "DEADBEE", "1234567", "a" * 40])
def test_a_branch_named_like_a_commit_is_refused(repository: Repository, branch: str) -> None:
    with pytest.raises(BadBranch, match="hash of a commit"):
        save(repository, branch=branch)
    assert repository.git("branch", "--list", branch) == ""


@pytest.mark.parametrize("branch", ["decade", "a" * 41, "fix/deadbee", "deadbeeg"])
def test_a_branch_that_no_commit_is_named_like_is_saved_to(
    repository: Repository, branch: str
) -> None:
    assert save(repository, branch=branch).branch == branch


def test_a_branch_below_another_is_told_as_git_tells_it(repository: Repository) -> None:
    save(repository)
    with pytest.raises(BadBranch):
        save(repository, THEIRS, branch=f"{EDITS}/below")


@pytest.mark.parametrize(
    "author", ["Ann", "Ann <a@b>\nparent 123", "Ann <<a@b>>", "<a@b>", "A\0 <a@b>", "A <a b>"]
)
def test_an_author_that_would_break_the_commit_is_refused(
    repository: Repository, author: str
) -> None:
    with pytest.raises(BadAuthor):
        save(repository, author=author)


def test_what_the_checker_refuses_is_not_saved(repository: Repository) -> None:
    with pytest.raises(InvalidInput, match=r"catalog/pipelines/talk.yaml:6:20  E-CAT-010"):
        save(repository, TALK.replace("playbooks/echo", "playbooks/ecko"))
    with pytest.raises(InvalidInput, match=r"catalog/pipelines/talk.yaml.* no output 'said'"):
        save(repository, ECHO.replace("said:", "spoken:"))
    assert repository.git("branch", "--list", EDITS) == ""


def test_what_is_broken_elsewhere_does_not_keep_one_from_saving(repository: Repository) -> None:
    repository.write("pipelines/other", "kind: pipeline\nname: other\n")
    repository.commit()
    assert save(repository).changed


def test_no_path_leads_out_of_the_catalog(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is not a valid name"):
        save(repository, ECHO.replace("name: echo", "name: ../../outside"), base=None)
    repository.git("rm", "-rq", "catalog/pipelines")
    (repository.catalog / "pipelines").symlink_to(tmp_path)
    repository.commit()
    with pytest.raises(CannotWrite, match="is no folder there"):
        save(repository, TALK, base=None)
    echo = repository.catalog / "playbooks" / "echo.yaml"
    echo.unlink()
    echo.symlink_to("/etc/passwd")
    repository.commit()
    with pytest.raises(Unreadable, match="a link, not a file"):
        save(repository)


def test_the_first_commit_of_all_and_a_bare_repository(tmp_path: Path) -> None:
    bare = Repository(tmp_path)
    bare.git("init", "-q", "--bare", "-b", "main")
    saved = save(bare, ECHO, base=None, branch="main")
    assert bare.git("rev-list", "--count", "main") == "1"
    assert bare.git("show", "main:catalog/playbooks/echo.yaml") == ECHO.strip()
    again = save(bare, CHANGED, base=saved.commit, branch="main")
    assert bare.git("rev-parse", "main~1") == saved.commit
    with bare.history() as history:
        assert tip(history, "main") == again.commit


def test_no_hook_of_the_repository_is_run(repository: Repository) -> None:
    hook = repository.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction"):
        hook.with_name(name).write_text(f"#!/bin/sh\ntouch {repository.path}/ran\nexit 1\n")
        os.chmod(hook.with_name(name), 0o755)
    assert save(repository).changed
    assert not (repository.path / "ran").exists()
