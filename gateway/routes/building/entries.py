"""The catalog's entries for the builder's page, which a browser's session opens."""

from typing import Annotated, Any

from fastapi import APIRouter, Body

from gateway.access.guard import GuardedRoute, KnownCaller
from gateway.http.services import Platform
from gateway.routes.catalog_git import Folder, Ref, ask, entry_source, save
from gateway.runs.requests import SaveEntry
from gateway.runs.responses import EntrySaved, EntrySource, EntryVersion
from history.git import GitHistory
from history.names import EDITS
from history.save import check_text, tip
from history.versions import log
from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.base.names import Name

MOST_VERSIONS = 50
Problems = list[dict[str, Any]]

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/builder/catalog/{folder}/{name}/source")
async def source(folder: Folder, name: Name, platform: Platform, ref: Ref = EDITS) -> EntrySource:
    return await entry_source(folder, name, platform, ref)


@router.get("/builder/catalog/{folder}/{name}/versions")
async def versions(folder: Folder, name: Name, platform: Platform) -> list[EntryVersion]:
    """Those of the branch that saves go to, newest first."""

    def told(git: GitHistory) -> list[EntryVersion]:
        found = log(git, f"{folder}/{name}", tip(git) or "HEAD", MOST_VERSIONS)
        return [EntryVersion.model_validate(each.as_dict()) for each in found]

    return await ask(platform.settings, told)


@router.put("/builder/catalog/{folder}/{name}")
async def saved(
    folder: Folder, name: Name, body: SaveEntry, platform: Platform, caller: KnownCaller
) -> EntrySaved:
    return await save(folder, name, body, platform, caller)


@router.post("/builder/catalog/check")
async def checked(
    text: Annotated[str, Body(embed=True, min_length=1)], platform: Platform
) -> Problems:
    """What saving this text would refuse, each with its line; nothing is saved."""

    def found(git: GitHistory) -> Problems:
        try:
            check_text(git, text)
        except InvalidInput as error:
            return [each.as_dict() for each in error.problems]
        return []

    return await ask(platform.settings, found)
