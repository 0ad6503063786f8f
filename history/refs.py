"""Names of commits as people write them: checked against an allow-list, then looked up."""

import difflib
import re
from typing import TYPE_CHECKING

from windmill.scripts.model.catalog.history import AmbiguousRef, BadRef, UnknownRef

if TYPE_CHECKING:
    from dulwich.repo import Repo

_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_FULL = re.compile(r"[0-9a-f]{40}")
_SHORT = re.compile(r"[0-9a-f]{7,39}")
# Git's own order: a tag hides a branch of the same name.
_PLACES = ("refs/tags/", "refs/heads/", "refs/remotes/")
_UNSHALLOW = "This clone is shallow: `git fetch --unshallow` brings the rest."
_MOST_TAGS_OF_TAGS = 10


def check_ref(ref: str) -> str:
    """The ref itself. Raises BadRef for all that Git, a shell or a path would take otherwise."""
    from dulwich.refs import Ref, check_ref_format

    if not _REF.fullmatch(ref) or not check_ref_format(Ref(f"refs/heads/{ref}".encode())):
        raise BadRef(ref=ref)
    return ref


def resolve(repo: "Repo", ref: str) -> str:
    """The commit it names. Raises BadRef, UnknownRef, AmbiguousRef."""
    check_ref(ref)
    if _FULL.fullmatch(ref):
        return _commit(repo, ref.encode(), ref)
    if _SHORT.fullmatch(ref):
        return _by_beginning(repo, ref)
    for name in _full_names(ref):
        id = read_ref(repo, name)
        if id:
            return _commit(repo, id.encode(), ref)
    raise UnknownRef(fix=_missing(repo, ref), ref=ref)


def _full_names(ref: str) -> list[str]:
    """`tags/x` and `heads/x` are full but for `refs/`, as Git has it."""
    in_full = [f"refs/{ref}"] if ref.startswith(("tags/", "heads/")) else []
    return ["HEAD"] if ref == "HEAD" else [*in_full, *(place + ref for place in _PLACES)]


def read_ref(repo: "Repo", name: str) -> str | None:
    """What a full name (`refs/heads/main`, `HEAD`) leads to."""
    from dulwich.refs import Ref, SymrefLoop

    try:
        return repo.refs[Ref(name.encode())].decode()
    except (KeyError, SymrefLoop, ValueError, OSError):
        return None


def branch_ref(branch: str) -> str:
    return f"refs/heads/{check_ref(branch)}"


def _commit(repo: "Repo", id: bytes, ref: str) -> str:
    from dulwich.objects import Commit, ObjectID, Tag

    for _ in range(_MOST_TAGS_OF_TAGS):
        try:
            held = repo[ObjectID(id)]
        except KeyError:
            break
        if isinstance(held, Commit):
            return held.id.decode()
        if not isinstance(held, Tag):
            break
        id = held.object[1]
    raise UnknownRef(fix=_missing(repo, ref), ref=ref)


def _by_beginning(repo: "Repo", ref: str) -> str:
    """Never a tag or branch of that name: whoever may push one would choose what others pinned."""
    from dulwich.objects import Commit

    ids = repo.object_store.iter_prefix(ref.encode())
    commits = {id.decode() for id in ids if isinstance(repo[id], Commit)}
    if len(commits) > 1:
        raise AmbiguousRef(ref=ref)
    if not commits:
        raise UnknownRef(fix=_missing(repo, ref), ref=ref)
    return commits.pop()


def _missing(repo: "Repo", ref: str) -> str:
    if _SHORT.fullmatch(ref) or _FULL.fullmatch(ref):
        return _UNSHALLOW if repo.get_shallow() else _named_so(repo, ref)
    close = difflib.get_close_matches(ref, names(repo), n=1, cutoff=0.5)
    return f"Did you mean {close[0]!r}?" if close else "`git tag` and `git branch -a` list them."


def _named_so(repo: "Repo", ref: str) -> str:
    """What reads like a hash is one; a tag or branch of that name is written in full."""
    places = [place for place in _PLACES[:2] if read_ref(repo, place + ref)]
    full = [(place + ref).removeprefix("refs/") for place in places]
    return f"It is taken for the beginning of a hash. Write {' or '.join(full)}." if full else ""


def names(repo: "Repo") -> list[str]:
    """Of tags, branches and remote branches."""
    refs = {name.decode(errors="replace") for name in repo.refs.allkeys()}
    return sorted(
        name.removeprefix(place) for place in _PLACES for name in refs if name.startswith(place)
    )
