"""What is kept of a deployment or a person: told as a whole, or deleted for good."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from gateway.access.guard import GuardedRoute, KnownCaller
from gateway.errors import UnknownRun
from gateway.http.services import Platform, Services
from gateway.state.persons import Persons

router = APIRouter(prefix="/data", tags=["data"], route_class=GuardedRoute)
Person = Annotated[str, Path(max_length=200, description="As keys and the audit log name them")]


class DeploymentData(BaseModel):
    """Everything of one deployment but its data folder, which is where it runs."""

    registry: dict[str, list[dict[str, Any]]] = Field(description="Rows by table")
    jobs: list[dict[str, Any]] = Field(description="As Windmill shows them")
    ratings: list[int] = Field(description="How satisfied people were, from 1 to 10")


class DeploymentErased(BaseModel):
    id: str
    rows: int
    jobs: int


class PersonData(BaseModel):
    """What the gateway keeps of a person."""

    keys: list[dict[str, Any]]
    sessions: list[dict[str, Any]]
    audit: list[dict[str, Any]]


class PersonErased(BaseModel):
    pseudonym: str = Field(description="What stands in the place of the name; empty: nothing did")
    keys: int
    sessions: int
    audit: int


@router.get("/deployments/{id}")
async def export_deployment(id: str, platform: Platform) -> DeploymentData:
    """All that the registry and Windmill keep of it, also once it is destroyed."""
    found = await _known(platform, id)
    registry = await platform.deployments.everything(found)
    roots = await platform.deployments.jobs_of(found)
    ids = await platform.windmill.tree(roots)
    shown = await asyncio.gather(*map(platform.windmill.job_document, ids))
    return DeploymentData(
        registry=registry,
        jobs=[each for each in shown if each],
        ratings=await platform.ratings.of(found),
    )


@router.delete("/deployments/{id}")
async def delete_deployment(id: str, platform: Platform, caller: KnownCaller) -> DeploymentErased:
    """Its past: the registry's rows and what its jobs were given and gave. It must be destroyed."""
    found = await _known(platform, id)
    caller.works_on(found)
    await platform.deployments.check_destroyed(found)
    jobs = await platform.windmill.tree(await platform.deployments.jobs_of(found))
    for job in jobs:
        await platform.windmill.erase_job(job)
    await platform.ratings.erase(found)
    rows = await platform.deployments.erase(found)
    return DeploymentErased(id=found, rows=rows, jobs=len(jobs))


@router.get("/persons/{name}")
async def export_person(name: Person, request: Request, platform: Platform) -> PersonData:
    """Keys, browser sessions and the audit log's entries of, or about, this name."""
    request.state.about = "a person"
    return PersonData(**await Persons(platform.state, platform.audit).known(name))


@router.delete("/persons/{name}")
async def delete_person(name: Person, request: Request, platform: Platform) -> PersonErased:
    """Ends the keys and sessions, and puts a pseudonym in the place of the name.

    The audit log keeps its entries, as what was done must stay provable: it is sealed anew.
    """
    request.state.about = "a person"
    persons, browsers = Persons(platform.state, platform.audit), request.app.state.browsers
    for session in (await persons.known(name))["sessions"]:
        await browsers.end_by_id(session["id"])
    found = await persons.forget(name, datetime.now(UTC))
    return PersonErased(**vars(found))


async def _known(platform: Services, id: str) -> str:
    """Raises UnknownRun."""
    deployment = await platform.deployments.get(id)
    if deployment is None:
        raise UnknownRun(id=id)
    return deployment.id
