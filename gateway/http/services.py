"""What the routes work with."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from gateway.clients.registry import Deployments
from gateway.clients.windmill import Windmill
from gateway.http.metrics import Metrics
from gateway.http.settings import Settings
from gateway.state.audit import Audit
from gateway.state.database import Database
from gateway.state.keys import Keys
from gateway.state.sessions import Sessions


@dataclass(frozen=True)
class Services:
    settings: Settings
    windmill: Windmill
    deployments: Deployments
    state: Database
    keys: Keys
    sessions: Sessions
    audit: Audit
    metrics: Metrics


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Platform = Annotated[Services, Depends(_services)]
