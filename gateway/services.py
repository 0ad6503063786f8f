"""What the routes work with."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from gateway.metrics import Metrics
from gateway.registry import Deployments
from gateway.settings import Settings
from gateway.windmill import Windmill


@dataclass(frozen=True)
class Services:
    settings: Settings
    windmill: Windmill
    deployments: Deployments
    metrics: Metrics


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Platform = Annotated[Services, Depends(_services)]
