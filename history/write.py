"""Git's objects and branches, written so that a kill or a second writer never costs a commit."""

import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

from history.git import GitHistory, readable
from history.refs import branch_ref
from windmill.scripts.model.catalog.history import SHORT, BadBranch, Busy, CannotWrite, CheckedOut

if TYPE_CHECKING:
    from dulwich.objects import ObjectID, ShaFile, Tree
    from dulwich.repo import Repo

TRIES = 40
_FILE, _FOLDER = 0o100644, 0o040000


def commit_file(
    history: GitHistory, parent: str | None, path: str, text: str, author: str, message: str
) -> str:
    """A commit that nothing points to yet. Raises CannotWrite."""
    from dulwich.objects import Blob, Commit, ObjectID

    parts = (*history.prefix, *path.split("/"))
    try:
        blob = Blob.from_string(text.encode())
        _store(history.repo, blob)
        commit = Commit()
        commit.tree = _put(history.repo, _root(history.repo, parent), parts, blob.id)
        commit.parents = [ObjectID(parent.encode())] if parent else []
        commit.author = commit.committer = author.encode()
        commit.author_time = commit.commit_time = int(time.time())
        commit.author_timezone = commit.commit_timezone = 0
        commit.encoding = b"UTF-8"
        commit.message = message.encode()
        _store(history.repo, commit)
    except OSError as error:
        raise CannotWrite(path=path, reason=error.strerror or str(error)) from error
    return commit.id.decode()


def move_branch(repo: "Repo", branch: str, before: str | None, commit: str) -> bool:
    """False where it is no longer at `before`. Raises Busy, BadBranch."""
    from dulwich.file import FileLocked
    from dulwich.objects import ObjectID
    from dulwich.refs import Ref

    ref, new = Ref(branch_ref(branch).encode()), ObjectID(commit.encode())
    for _ in range(TRIES):
        try:
            if before is None:
                return repo.refs.add_if_new(ref, new)
            return repo.refs.set_if_equals(ref, ObjectID(before.encode()), new)
        except FileLocked as locked:
            lock = str(locked.lockfilename)
            time.sleep(0.05)
        except OSError as error:
            raise BadBranch(branch=branch, reason=error.strerror or str(error)) from error
    raise Busy(branch=branch, lock=lock)


def refuse_in_use(repo: "Repo", branch: str) -> None:
    """Raises CheckedOut for a branch that some checkout shows, BadBranch for a link to another."""
    from dulwich.refs import Ref

    ref = branch_ref(branch)
    loose = repo.refs.read_loose_ref(Ref(ref.encode()))
    if loose and loose.startswith(b"ref:"):
        raise BadBranch(branch=branch, reason="it is a link to another branch")
    for head, where in _heads(repo):
        if head.strip() == f"ref: {ref}":
            raise CheckedOut(branch=branch, path=where)


def _heads(repo: "Repo") -> list[tuple[str, str]]:
    """What each checkout of the repository shows, and where it is."""
    common = Path(repo.commondir()).resolve()
    is_bare = repo.get_config().get_boolean((b"core",), b"bare", False)
    own = [] if is_bare else [(common / "HEAD", str(common.parent))]
    linked = [
        (folder / "HEAD", str(Path((folder / "gitdir").read_text().strip()).parent))
        for folder in (common / "worktrees").glob("*")
        if (folder / "gitdir").is_file()
    ]
    return [(head.read_text(), where) for head, where in [*own, *linked] if head.is_file()]


def is_ancestor(repo: "Repo", old: str, new: str) -> bool:
    from dulwich.graph import find_merge_base
    from dulwich.objects import ObjectID

    older, newer = ObjectID(old.encode()), ObjectID(new.encode())
    with readable(path="the history", commit=new[:SHORT]):
        # Not can_fast_forward: it looks at no commit whose clock is behind that of `old`.
        return older in find_merge_base(repo, [older, newer])


def _root(repo: "Repo", commit: str | None) -> "ObjectID | None":
    from dulwich.objects import Commit, ObjectID

    held = repo[ObjectID(commit.encode())] if commit else None
    return held.tree if isinstance(held, Commit) else None


def _put(
    repo: "Repo", tree_id: "ObjectID | None", parts: tuple[str, ...], blob: "ObjectID"
) -> "ObjectID":
    """The tree with that file in it; everything else stays as it is."""
    tree, name = _tree(repo, tree_id), parts[0].encode()
    mode, below = tree[name] if name in tree else (None, None)  # noqa: SIM401  it has no get
    if len(parts) == 1:
        tree[name] = (mode if mode and stat.S_ISREG(mode) else _FILE, blob)
    elif mode is None or stat.S_ISDIR(mode):
        tree[name] = (_FOLDER, _put(repo, below, parts[1:], blob))
    else:
        raise CannotWrite(path="/".join(parts), reason=f"{parts[0]} is no folder there")
    _store(repo, tree)
    return tree.id


def _tree(repo: "Repo", id: "ObjectID | None") -> "Tree":
    from dulwich.objects import Tree

    tree = repo[id].copy() if id else Tree()
    assert isinstance(tree, Tree), "a folder is a tree"
    return tree


def _store(repo: "Repo", thing: "ShaFile") -> None:
    """On disk for good before anything points to it."""
    from dulwich.file import FileLocked

    store = repo.object_store
    store.fsync_object_files = True
    try:
        store.add_object(thing)
    except FileLocked:
        # Another writer has the very same object in hand, or was killed with it: go round it.
        store.add_objects([(thing, None)])
