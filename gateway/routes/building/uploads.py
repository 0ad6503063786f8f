"""Data that people send from the builder, in place of a path typed from memory."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, Field

from gateway.access.guard import GuardedRoute
from gateway.http.services import Platform, Services
from gateway.state.uploads import Uploads

router = APIRouter(prefix="/builder/uploads", include_in_schema=False, route_class=GuardedRoute)
Folder = Annotated[str, Path(max_length=80)]
Name = Annotated[str, Path(max_length=150)]
Part = Annotated[bytes, Body(media_type="application/octet-stream")]


class Kept(BaseModel):
    path: str = Field(description="Where workers find the file")
    folder: str = Field(description="Where all of these files are")
    bytes: int


@router.put("/{folder}/{name}")
def keep(
    folder: Folder, name: Name, part: Part, platform: Platform, at: Annotated[int, Query(ge=0)] = 0
) -> Kept:
    """One part of a file; the first is `at` 0, the next where that ended."""
    file = _uploads(platform).append(folder, name, at, part)
    return Kept(path=str(file), folder=str(file.parent), bytes=at + len(part))


@router.get("/{folder}")
def listed(folder: Folder, platform: Platform) -> dict[str, int]:
    return _uploads(platform).listed(folder)


@router.delete("/{folder}", status_code=204)
def remove(folder: Folder, platform: Platform) -> None:
    _uploads(platform).remove(folder)


def _uploads(platform: Services) -> Uploads:
    return Uploads(platform.settings.mlops_uploads, platform.settings.max_upload_mb)
