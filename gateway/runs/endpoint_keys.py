"""The key of a deployed pipeline's own API: derived from the platform's, and never kept."""

from gateway.clients.registry import Deployments
from gateway.clients.windmill import Windmill
from gateway.errors import NoEndpoint, NoPlatformKey
from gateway.runs.lookup import TrackedRun, find
from gateway.runs.responses import EndpointKey
from gateway.runs.status import describe
from windmill.scripts.model.base.derived_secrets import api_key, page_link
from windmill.scripts.model.base.windmill_paths import SECRET_KEY
from windmill.scripts.model.drawing.deployment import Deployment


async def endpoint_key(windmill: Windmill, deployments: Deployments, id_: str) -> EndpointKey:
    """Raises UnknownRun, NoEndpoint, NoPlatformKey."""
    tracked = await find(windmill, deployments, id_)
    deployment = _behind(tracked, (await describe(windmill, tracked)).endpoint_url)
    platform_key = await windmill.variable(SECRET_KEY)
    if not platform_key:
        raise NoPlatformKey(path=SECRET_KEY)
    key = api_key(platform_key, deployment.id)
    return EndpointKey(
        deployment_id=deployment.id,
        name=deployment.name,
        endpoint_url=deployment.endpoint_url,
        key=key,
        page=page_link(deployment.endpoint_url, key),
    )


def _behind(tracked: TrackedRun, asked: str) -> Deployment:
    """`asked` is the run's address: one of several is asked at one of theirs."""
    for deployment in (tracked.deployment, *(made.deployment for made in tracked.made)):
        url = deployment.endpoint_url.rstrip("/") if deployment else ""
        if deployment and url and f"{asked.rstrip('/')}/".startswith(f"{url}/"):
            return deployment
    raise NoEndpoint(id=tracked.id)
