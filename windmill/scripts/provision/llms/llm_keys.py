"""What a gateway's backends are sent: a stored key only to the address that it is for."""

from collections.abc import Callable, Iterable, Sequence

from ...model.drawing.deployment import Deployment
from ...model.drawing.llm_keys import StoredKey, is_below, normal_base_url
from ...model.drawing.pipeline import Pipeline
from ..outgoing import Allowed, destination, host_of, pinned_address, port_of
from .litellm_models import ANSWERING, Backend, backends_of, key_variable

Stored = Callable[[str], str]


def backend_secrets(
    pipeline: Pipeline, deployments: Sequence[Deployment], stored: Stored, allowed: str
) -> dict[str, str]:
    """By environment variable; `stored` gives the text that is kept under a name.

    Raises InvalidInput, AddressRefused, UnknownLlmKey, KeyWithoutAddress, KeyElsewhere.
    """
    backends = backends_of(pipeline)
    refuse_inner_addresses(backends, deployments, allowed)
    return {key_variable(each.key): key_for(each, stored) for each in backends if each.key}


def key_for(backend: Backend, stored: Stored) -> str:
    kept = StoredKey.read(backend.key, stored(backend.key))
    return kept.for_address(backend.key, backend.base_url)


def refuse_inner_addresses(
    backends: Iterable[Backend], deployments: Sequence[Deployment], allowed: str
) -> None:
    """Our own deployments are no strangers. Raises AddressRefused."""
    for backend in backends:
        url = backend.base_url
        ours = {_endpoint(url)} if deployment_at(url, deployments) else ()
        pinned_address(url, Allowed.of(allowed, frozenset(ours)))


def deployment_at(base_url: str, deployments: Iterable[Deployment]) -> Deployment | None:
    """The one of ours whose endpoint this is."""
    answering = (one for one in deployments if one.endpoint_url and one.state in ANSWERING)
    return next((d for d in answering if is_below(base_url, normal_base_url(d.endpoint_url))), None)


def _endpoint(base_url: str) -> tuple[str, int]:
    url = destination(base_url)
    return host_of(url), port_of(url)
