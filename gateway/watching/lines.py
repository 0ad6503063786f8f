"""How each deployment did over the last hour, as lines to be drawn small."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from pydantic import BaseModel, Field

from gateway.clients.prometheus import query_range
from gateway.errors import PrometheusUnknown

OVER = timedelta(hours=1)
EVERY = timedelta(minutes=2)
# Recorded by monitoring/prometheus/recorded.yml, each over five minutes.
RECORDED = {
    "requests": "deployment:requests:rate5m",
    "errors": "deployment:errors:ratio5m",
    "seconds": "deployment:seconds:p95_5m",
}

Line: TypeAlias = list[float | None]


class DeploymentLines(BaseModel):
    """Oldest first; null where nothing is known, as before it was deployed."""

    requests: Line = Field(default=[], description="a second")
    errors: Line = Field(default=[], description="the share of requests, from 0 to 1")
    seconds: Line = Field(default=[], description="in which 95 % of the requests were answered")


class Lines(BaseModel):
    over_seconds: float = OVER.total_seconds()
    deployments: dict[str, DeploymentLines] = Field(default={}, description="by id")
    unknown_because: str = Field(default="", description="why there are none; empty: there are")
    fix: str = ""


def unwatched() -> Lines:
    return Lines(
        unknown_because="The gateway knows no Prometheus.",
        fix="Set PROMETHEUS_URL at the gateway.",
    )


async def lines(url: str, now: datetime, shown: set[str]) -> Lines:
    """Of the deployments with these ids, as far as Prometheus at `url` knows them."""
    try:
        asked = (query_range(url, each, now - OVER, now, EVERY) for each in RECORDED.values())
        found = dict(zip(RECORDED, await asyncio.gather(*asked), strict=True))
    except PrometheusUnknown as error:
        return Lines(unknown_because=error.message, fix=error.fix)
    return Lines(deployments=_by_deployment(found, shown))


def _by_deployment(
    found: Mapping[str, Mapping[str, Line]], shown: set[str]
) -> dict[str, DeploymentLines]:
    ids = shown & {id for each in found.values() for id in each}
    return {
        id: DeploymentLines(**{name: each.get(id, []) for name, each in found.items()})
        for id in sorted(ids)
    }
