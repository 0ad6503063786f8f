"""Is the platform well? Open to everybody, says nothing about what is deployed."""

import asyncio
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from gateway.access.guard import GuardedRoute
from gateway.errors import GatewayError, RegistryOutOfStep
from gateway.http.services import Platform, Services

router = APIRouter(tags=["health"], route_class=GuardedRoute)


@router.get("/health", responses={503: {"description": "One of them does not answer"}})
async def health(platform: Platform) -> JSONResponse:
    """Does Windmill answer, does the registry? 503 when one does not.

    A registry that waits to be migrated answers: the steps that migrate it are pushed by whoever
    started this gateway and waits for it.
    """
    windmill, registry = await asyncio.gather(_windmill(platform), _registry(platform))
    well = windmill["reachable"] and registry["reachable"]
    body = {
        "status": _word(well, "deployments" in registry),
        "windmill": windmill,
        "registry": registry,
    }
    return JSONResponse(body, status_code=200 if well else 503)


def _word(answering: bool, readable: bool) -> str:
    if not answering:
        return "unhealthy"
    return "healthy" if readable else "registry out of step"


@router.get("/metrics", response_class=Response)
async def metrics(platform: Platform) -> Response:
    """For Prometheus."""
    return Response(platform.metrics.text(), media_type=CONTENT_TYPE_LATEST)


async def _windmill(platform: Services) -> dict[str, Any]:
    try:
        return {"reachable": True, "version": await platform.windmill.version()}
    except GatewayError as error:
        return {"reachable": False, **_why(error)}


async def _registry(platform: Services) -> dict[str, Any]:
    try:
        return {"reachable": True, "deployments": len(await platform.deployments.all())}
    except RegistryOutOfStep as error:
        return {"reachable": True, **_why(error)}
    except GatewayError as error:
        return {"reachable": False, **_why(error)}


def _why(error: GatewayError) -> dict[str, str]:
    return {"code": error.code, "reason": error.message, "fix": error.fix}
