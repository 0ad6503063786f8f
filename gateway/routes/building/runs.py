"""Runs of catalog entries for the builder: begun, watched at every level, approved, ended."""

from fastapi import APIRouter, Request

from gateway.access.guard import GuardedRoute, KnownCaller
from gateway.http.services import Platform
from gateway.routes.pipelines import approve, deploy, destroy, status
from gateway.routes.revisions import list_revisions, roll_back
from gateway.runs.requests import Approve, CatalogDeploy, Rollback
from gateway.runs.responses import Accepted, DestroyAccepted, RevisionAnswer, StatusAnswer

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.post("/builder/runs", status_code=202)
async def begin(
    body: CatalogDeploy, request: Request, platform: Platform, caller: KnownCaller
) -> Accepted:
    return await deploy(body, request, platform, caller)


@router.get("/builder/runs/{id}")
async def watch(id: str, platform: Platform) -> StatusAnswer:
    return await status(id, platform)


@router.post("/builder/runs/{id}/approval", status_code=202)
async def answer(
    id: str, body: Approve, request: Request, platform: Platform, caller: KnownCaller
) -> Accepted:
    return await approve(id, body, request, platform, caller)


@router.delete("/builder/runs/{id}", status_code=202)
async def end(
    id: str, request: Request, platform: Platform, caller: KnownCaller
) -> DestroyAccepted:
    return await destroy(id, request, platform, caller)


@router.get("/builder/runs/{id}/revisions")
async def revisions(id: str, platform: Platform) -> list[RevisionAnswer]:
    return await list_revisions(id, platform)


@router.post("/builder/runs/{id}/rollback", status_code=202)
async def go_back(
    id: str, body: Rollback, request: Request, platform: Platform, caller: KnownCaller
) -> Accepted:
    return await roll_back(id, body, request, platform, caller)
