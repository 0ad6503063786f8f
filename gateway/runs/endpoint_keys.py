"""The key of a deployed pipeline's own API: derived from the platform's, and never kept."""

from gateway.clients.windmill import Windmill
from gateway.errors import NoEndpoint, NoPlatformKey
from gateway.runs.lookup import TrackedRun
from gateway.runs.responses import EndpointKey
from windmill.scripts.model.base.derived_secrets import api_key, page_link
from windmill.scripts.model.base.windmill_paths import SECRET_KEY
from windmill.scripts.model.drawing.deployment import Deployment


async def endpoint_key(windmill: Windmill, tracked: TrackedRun, asked: str) -> EndpointKey:
    """`asked`: the address that the run answers at. Raises NoEndpoint, NoPlatformKey."""
    deployment = _behind(tracked, asked)
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
    """A run of several is asked at one of their addresses."""
    for deployment in (tracked.deployment, *(made.deployment for made in tracked.made)):
        url = deployment.endpoint_url.rstrip("/") if deployment else ""
        if deployment and url and f"{asked.rstrip('/')}/".startswith(f"{url}/"):
            return deployment
    raise NoEndpoint(id=tracked.id)
