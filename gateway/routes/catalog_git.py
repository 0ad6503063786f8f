"""The catalog's entries in Git: what they say, what they were, and saving them."""

import re
from collections.abc import Callable
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from gateway.access.guard import GuardedRoute, KnownCaller
from gateway.access.roles import Principal
from gateway.errors import (
    BadGitName,
    EntryConflict,
    GatewayError,
    InvalidRequest,
    NoCatalogRepository,
    NotInHistory,
    NotSaved,
)
from gateway.http.services import Platform
from gateway.http.settings import Settings
from gateway.runs.requests import SaveEntry
from gateway.runs.responses import EntrySaved, EntrySource, EntryVersion
from history.git import GitHistory
from history.names import EDITS
from history.save import Draft, save_entry
from history.versions import Source, log, source
from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.base.names import Name
from windmill.scripts.model.catalog.catalog import read_entry
from windmill.scripts.model.catalog.history import (
    AmbiguousRef,
    BadAuthor,
    BadRef,
    Conflict,
    HistoryError,
    NoHistory,
    NotInCommit,
    UnknownRef,
)

router = APIRouter(tags=["catalog"], route_class=GuardedRoute)
Folder = Literal["playbooks", "pipelines", "meta-pipelines"]
Ref = Annotated[str, Query(max_length=100, description="A commit, tag or branch")]
Result = TypeVar("Result")
BAD_NAMES = (BadRef, BadAuthor, UnknownRef, AmbiguousRef)


@router.get("/catalog/{folder}/{name}/source")
async def entry_source(
    folder: Folder, name: Name, platform: Platform, ref: Ref = EDITS
) -> EntrySource:
    """An entry as Git has it: on the branch that saves go to, else where `ref` says."""
    found: Source = await ask(platform.settings, lambda git: source(git, f"{folder}/{name}", ref))
    return EntrySource(**asdict(found))


@router.get("/catalog/{folder}/{name}/versions")
async def entry_versions(
    folder: Folder,
    name: Name,
    platform: Platform,
    ref: Ref = "HEAD",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[EntryVersion]:
    """Each commit that changed an entry or something it uses, newest first."""
    found = await ask(platform.settings, lambda git: log(git, f"{folder}/{name}", ref, limit))
    return [EntryVersion.model_validate(each.as_dict()) for each in found]


@router.put("/catalog/{folder}/{name}")
async def save(
    folder: Folder, name: Name, body: SaveEntry, platform: Platform, caller: KnownCaller
) -> EntrySaved:
    """Check an entry and commit it on a branch; 409 with both sides where others changed it.

    Its author is whoever calls.
    """
    _refuse_branch(body.branch, platform.settings.catalog_branches)
    draft = Draft(body.as_text(), body.base, author_of(caller.principal), body.message, body.branch)

    def write(git: GitHistory) -> EntrySaved:
        _refuse_other(draft.text, f"{folder}/{name}")
        return EntrySaved(**asdict(save_entry(git, draft)))

    return await ask(platform.settings, write)


def author_of(principal: Principal) -> str:
    """As Git writes people: a verified address where there is one, else what the audit log says."""
    name = re.sub(r"[<>\x00-\x1f]", "?", principal.name).strip()
    told = name.partition(":")[2] or name
    address = told if re.fullmatch(r"[^@\s]+@[^@\s]+", told) else f"{told}@gateway.invalid"
    address = re.sub(r"[^\w.+@:-]", "-", address)
    return f"{name} <{address}>"


def _refuse_branch(branch: str, allowed: list[str]) -> None:
    """What others build from is not written by whoever may save. Raises BadGitName."""
    if not any(fnmatchcase(branch, pattern) for pattern in allowed):
        reason = f"nothing is saved to the branch {branch!r} from here."
        fix = f"Save to {' or '.join(allowed) or 'no branch'}, or add it to MLOPS_CATALOG_BRANCHES."
        raise BadGitName(reason=reason, fix=fix)


def _refuse_other(text: str, key: str) -> None:
    entry, written = read_entry(text, f"catalog/{key}.yaml")
    if entry.key != key:
        message = f"the entry is {entry.key}, its address says {key}"
        raise InvalidInput([written.problem(message, "name", "Make them the same.")])


async def ask(settings: Settings, question: Callable[[GitHistory], Result]) -> Result:
    """Raises what callers see."""
    if not settings.mlops_catalog_repo:
        raise NoCatalogRepository(reason="none is set.")
    try:
        return await run_in_threadpool(_opened, settings.mlops_catalog_repo, question)
    except InvalidInput as error:
        raise InvalidRequest(error.problems) from error
    except HistoryError as error:
        raise _told(error) from error


def _opened(repository: str, question: Callable[[GitHistory], Result]) -> Result:
    with GitHistory(Path(repository) / "catalog") as git:
        return question(git)


def _told(error: HistoryError) -> GatewayError:
    if isinstance(error, Conflict):
        return EntryConflict(error)
    if isinstance(error, NoHistory):
        return NoCatalogRepository(reason=error.message)
    if isinstance(error, NotInCommit):
        return NotInHistory(fix=error.fix, reason=error.message)
    if isinstance(error, BAD_NAMES):
        return BadGitName(fix=error.fix, reason=error.message)
    return NotSaved(fix=error.fix, reason=error.message)
