"""What can be deployed, and of what."""

import asyncio
from typing import Any

from fastapi import APIRouter

from gateway.access.guard import GuardedRoute
from gateway.http.services import Platform
from gateway.runs.deploys import entry_paths, find_entry, load_components
from gateway.runs.responses import CatalogEntry
from windmill.scripts.model.base.windmill_paths import catalog_key
from windmill.scripts.model.drawing.component import Component

router = APIRouter(tags=["catalog"], route_class=GuardedRoute)


@router.get("/catalog")
async def entries(platform: Platform) -> list[CatalogEntry]:
    """What can be deployed, each with the JSON Schema of its inputs."""
    paths = await entry_paths(platform.windmill)
    flows = await asyncio.gather(*(platform.windmill.flow(path) for path in paths))
    return [_entry(path, flow) for path, flow in zip(paths, flows, strict=True) if flow]


@router.get("/catalog/{key:path}")
async def entry(key: str, platform: Platform) -> CatalogEntry:
    """One entry, by its name or as `pipelines/name`."""
    return _entry(*await find_entry(platform.windmill, key))


@router.get("/components")
async def components(platform: Platform) -> dict[str, Component]:
    """The node types of a drawing: their ports and the form of their settings."""
    return await load_components(platform.windmill)


def _entry(path: str, flow: dict[str, Any]) -> CatalogEntry:
    key = catalog_key(path)
    return CatalogEntry(
        key=key,
        name=key.rsplit("/", 1)[-1],
        summary=flow.get("summary") or "",
        description=flow.get("description") or "",
        inputs=flow.get("schema") or {},
        path=path,
    )
