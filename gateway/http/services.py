"""What the routes work with."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Request

from gateway.access.roles import Role
from gateway.clients.registry import Deployments
from gateway.clients.windmill import Windmill
from gateway.http.metrics import Metrics
from gateway.http.settings import Settings
from gateway.state.audit import Audit
from gateway.state.database import Database
from gateway.state.keys import Keys
from gateway.state.ratings import Ratings
from gateway.state.sessions import Sessions
from gateway.watching.figures import DeployCounts


@dataclass(frozen=True)
class Services:
    settings: Settings
    windmill: Windmill
    deployments: Deployments
    state: Database
    keys: Keys
    sessions: Sessions
    audit: Audit
    ratings: Ratings
    metrics: Metrics
    deploy_counts: DeployCounts


def services_of(request: Request) -> Services:
    """Windmill is called by no more than the route that is served needs."""
    services: Services = request.app.state.services
    role: Role | None = getattr(request.state, "served_to", None)
    return replace(services, windmill=services.windmill.by(role)) if role else services


Platform = Annotated[Services, Depends(services_of)]
