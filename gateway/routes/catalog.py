"""What can be deployed, and of what."""

import asyncio
from typing import Any

from fastapi import APIRouter

from gateway.answers import CatalogEntry
from gateway.deploys import load_components
from gateway.errors import UnknownPipeline
from gateway.paths import CATALOG, PINNED, catalog_flow
from gateway.services import Platform, Services
from windmill.scripts.model.component import Component
from windmill.scripts.model.names import did_you_mean

router = APIRouter(tags=["catalog"])


@router.get("/catalog")
async def entries(platform: Platform) -> list[CatalogEntry]:
    """What can be deployed, each with the JSON Schema of its inputs."""
    paths = await _paths(platform)
    flows = await asyncio.gather(*(platform.windmill.flow(path) for path in paths))
    return [_entry(path, flow) for path, flow in zip(paths, flows, strict=True) if flow]


@router.get("/catalog/{key:path}")
async def entry(key: str, platform: Platform) -> CatalogEntry:
    """One entry, by its name or as `pipelines/name`."""
    path = catalog_flow(key)
    flow = await platform.windmill.flow(path)
    if flow is None:
        known = [item.removeprefix(CATALOG) for item in await _paths(platform)]
        raise UnknownPipeline(did_you_mean(path.removeprefix(CATALOG), known), name=key)
    return _entry(path, flow)


@router.get("/components")
async def components(platform: Platform) -> dict[str, Component]:
    """The node types of a drawing: their ports and the form of their settings."""
    return await load_components(platform.windmill)


async def _paths(platform: Services) -> list[str]:
    """Of the newest; older ones, which entries pin, are theirs to call."""
    paths = await platform.windmill.flow_paths(CATALOG)
    return [path for path in paths if not path.startswith(PINNED)]


def _entry(path: str, flow: dict[str, Any]) -> CatalogEntry:
    key = path.removeprefix(CATALOG)
    return CatalogEntry(
        key=key,
        name=key.rsplit("/", 1)[-1],
        summary=flow.get("summary") or "",
        description=flow.get("description") or "",
        inputs=flow.get("schema") or {},
        path=path,
    )
