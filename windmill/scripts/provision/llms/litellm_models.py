"""Which models LiteLLM asks for a pipeline, and which of its addresses are ours."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from ...model.base.errors import InvalidInput, Problem
from ...model.base.parse import parse
from ...model.base.source import Source
from ...model.drawing.deployment import Deployment, State
from ...model.drawing.llm_keys import KEY_NAME, BaseUrl, is_below, normal_base_url
from ...model.drawing.pipeline import Pipeline
from ..errors import NotToBeReached

GATEWAY = "llm-gateway"
ANSWERING = {State.live, State.degraded, State.deploying}


class Backend(BaseModel):
    """A server that speaks OpenAI's API, and the name of the stored key that it is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: BaseUrl
    model: str = Field(min_length=1)
    key: str = Field(default="", pattern=f"^$|{KEY_NAME}")


class Settings(BaseModel):
    """Of a gateway, as far as LiteLLM is concerned."""

    model: str
    backends: tuple[Backend, ...] = ()
    embedded: str = "last"


def litellm_settings(
    pipeline: Pipeline, embedded: Mapping[str, str], endpoints: Iterable[str] = ()
) -> dict[str, Any]:
    """The proxy's models in the order they are asked; keys stay names of environment variables."""
    own = {url: endpoint_variable(url) for url in endpoints}
    chains = [list(_chain(gateway, embedded, own)) for gateway in _gateways(pipeline)]
    return {
        "models": [model for chain in chains for model in chain],
        "fallbacks": [
            {chain[0]["model_name"]: [model["model_name"] for model in chain[1:]]}
            for chain in chains
            if len(chain) > 1
        ],
        "key_variables": sorted({*_stored_variables(pipeline), *own.values()}),
    }


def backends_of(pipeline: Pipeline) -> list[Backend]:
    """Of all its gateways. Raises InvalidInput."""
    return [backend for gateway in _gateways(pipeline) for backend in gateway.backends]


def check_backends(pipeline: Pipeline) -> list[Problem]:
    try:
        backends_of(pipeline)
    except InvalidInput as error:
        return list(error.problems)
    return []


def key_variable(key: str) -> str:
    return f"LLM_KEY_{key.upper()}"


def endpoint_variable(url: str) -> str:
    """Where the proxy finds the key of one of our own deployments."""
    return f"ENDPOINT_KEY_{re.sub('[^A-Za-z0-9]', '_', urlsplit(url).netloc).upper()}"


def named_endpoints(pipeline: Pipeline, deployments: Iterable[Deployment]) -> list[Deployment]:
    """The platform's own deployments that a setting of the pipeline names.

    Of one that no longer runs, the address may be anybody's by now.
    """
    texts = list(_texts([node.config for node in pipeline.nodes]))
    answering = [found for found in deployments if found.endpoint_url and found.state in ANSWERING]
    return [found for found in answering if _is_named(found.endpoint_url, texts)]


def allowed_of(
    deployments: Iterable[Deployment], only: Collection[str] | None
) -> Iterator[Deployment]:
    """Those whose key this pipeline may be handed: `only` by name, or all."""
    return (each for each in deployments if only is None or each.name in only)


def refuse_others(
    pipeline: Pipeline, deployments: Iterable[Deployment], only: Collection[str] | None
) -> None:
    """Raises NotToBeReached: the platform's key opens all of them, and is lent for these alone."""
    for each in named_endpoints(pipeline, deployments):
        if only is not None and each.name not in only:
            raise NotToBeReached(url=each.endpoint_url)


def _is_named(url: str, texts: Iterable[str]) -> bool:
    return any(_is_below(text, url) for text in texts)


def _gateways(pipeline: Pipeline) -> list[Settings]:
    nodes = (node for node in pipeline.nodes if node.component == GATEWAY)
    return [parse(Settings, Source(node.config)) for node in nodes]


def _stored_variables(pipeline: Pipeline) -> set[str]:
    return {key_variable(backend.key) for backend in backends_of(pipeline) if backend.key}


def _chain(
    gateway: Settings, embedded: Mapping[str, str], own: Mapping[str, str]
) -> Iterable[dict[str, Any]]:
    asked = [_parameters(backend, own) for backend in gateway.backends]
    asked.insert(0 if gateway.embedded == "first" else len(asked), dict(embedded))
    for number, parameters in enumerate(asked):
        name = gateway.model + (f"-{number}" if number else "")
        yield {"model_name": name, "litellm_params": parameters}


def _parameters(backend: Backend, own: Mapping[str, str]) -> dict[str, str]:
    variable = _variable(backend, own)
    return {
        "model": f"openai/{backend.model}",
        "api_base": backend.base_url,
        "api_key": f"os.environ/{variable}" if variable else "none",
    }


def _variable(backend: Backend, own: Mapping[str, str]) -> str:
    """What holds the key for this address; empty where none is needed."""
    if backend.key:
        return key_variable(backend.key)
    return next((own[url] for url in own if is_below(backend.base_url, normal_base_url(url))), "")


def _is_below(text: str, url: str) -> bool:
    return text == url or text.startswith(f"{url.rstrip('/')}/")


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
