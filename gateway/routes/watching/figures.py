"""What is deployed and what it costs for Prometheus; how well that goes for people."""

import hmac
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from gateway.access.errors import Unauthorized
from gateway.access.guard import GuardedRoute
from gateway.access.identify import bearer
from gateway.access.roles import Role
from gateway.clients.prometheus import query
from gateway.errors import GatewayError, NoMetricsToken, PrometheusUnknown
from gateway.http.services import Platform, Services
from gateway.watching.cost_report import CostReport, cost_report
from gateway.watching.figures import Now, as_text
from gateway.watching.kpis import Kpi, Kpis, of_deploys, of_satisfaction, of_savings, of_uptime

MOST_DAYS = 400
UPTIME = 'avg_over_time(up{job="deployments", service="api"}[%dd])'

router = APIRouter(tags=["health"], route_class=GuardedRoute)


@router.get("/metrics/platform", response_class=Response)
async def figures(request: Request, platform: Platform) -> Response:
    """For Prometheus, which shows MLOPS_METRICS_TOKEN: deployments, deploys, cost, the queue."""
    await _admit_watcher(request, platform)
    at, counts = datetime.now(UTC), platform.deploy_counts
    counts.count(await platform.deployments.deploy_runs(counts.since(at)))
    now = Now(
        await platform.deployments.totals(at),
        await _waiting_since(platform, at),
        at,
        await platform.ratings.since(),
    )
    return Response(as_text(counts, now), media_type=CONTENT_TYPE_LATEST)


async def _admit_watcher(request: Request, platform: Services) -> None:
    """Raises NoMetricsToken, Unauthorized."""
    token = platform.settings.mlops_metrics_token
    if token is None:
        raise NoMetricsToken
    shown = await bearer(request)
    given = shown.credentials if shown else ""
    if not hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
        raise Unauthorized(reason="This is no token of whoever watches")


async def _waiting_since(platform: Services, at: datetime) -> list[datetime] | None:
    try:
        return await platform.windmill.by(Role.viewer).waiting_since(at)
    except GatewayError:
        return None


@router.get("/kpis")
async def kpis(platform: Platform, days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 30) -> Kpis:
    """How long deploys took, how many went live, how much of the time deployments answered, what
    was saved beside list prices, how satisfied people are."""
    now = datetime.now(UTC)
    since = now - timedelta(days=days)
    runs = await platform.deployments.deploy_runs(since)
    savings = of_savings(await platform.deployments.spent_since(since, now))
    satisfaction = of_satisfaction(await platform.ratings.since(since))
    uptime = await _uptime(platform, days)
    return Kpis(days=days, kpis=[*of_deploys(runs), uptime, savings, satisfaction])


@router.get("/costs")
async def costs(
    platform: Platform, days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 7
) -> CostReport:
    """What machines cost now, what was spent in these days, and both in sentences."""
    now = datetime.now(UTC)
    spent = await platform.deployments.spent_since(now - timedelta(days=days), now)
    return cost_report(await platform.deployments.all(), spent, now, days)


async def _uptime(platform: Services, days: int) -> Kpi:
    url = platform.settings.prometheus_url
    if not url:
        fix = "Set PROMETHEUS_URL at the gateway."
        return of_uptime([], "the gateway knows no Prometheus", fix)
    try:
        return of_uptime(await query(url, UPTIME % days))
    except PrometheusUnknown as error:
        return of_uptime([], error.message, error.fix)
