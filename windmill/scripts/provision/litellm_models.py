"""Which models LiteLLM asks for a pipeline, and which of its addresses are ours."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from ..model.base.errors import InvalidInput, Problem
from ..model.base.parse import parse
from ..model.base.source import Source
from ..model.drawing.deployment import Deployment
from ..model.drawing.llm_keys import KEY_NAME, BaseUrl
from ..model.drawing.pipeline import Pipeline

GATEWAY = "llm-gateway"


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


def litellm_settings(pipeline: Pipeline, embedded: Mapping[str, str]) -> dict[str, Any]:
    """The proxy's models in the order they are asked; keys stay names of environment variables."""
    chains = [list(_chain(gateway, embedded)) for gateway in _gateways(pipeline)]
    return {
        "models": [model for chain in chains for model in chain],
        "fallbacks": [
            {chain[0]["model_name"]: [model["model_name"] for model in chain[1:]]}
            for chain in chains
            if len(chain) > 1
        ],
        "key_variables": sorted({key_variable(b.key) for b in backends_of(pipeline) if b.key}),
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


def named_endpoints(pipeline: Pipeline, deployments: Iterable[Deployment]) -> list[str]:
    """host:port of the platform's own deployments that a setting of the pipeline names."""
    texts = list(_texts([node.config for node in pipeline.nodes]))
    urls = {found.endpoint_url for found in deployments if found.endpoint_url}
    named = {url for url in urls if any(_is_below(text, url) for text in texts)}
    return sorted(urlsplit(url).netloc for url in named)


def _gateways(pipeline: Pipeline) -> list[Settings]:
    nodes = (node for node in pipeline.nodes if node.component == GATEWAY)
    return [parse(Settings, Source(node.config)) for node in nodes]


def _chain(gateway: Settings, embedded: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    asked = [_parameters(backend) for backend in gateway.backends]
    asked.insert(0 if gateway.embedded == "first" else len(asked), dict(embedded))
    for number, parameters in enumerate(asked):
        name = gateway.model + (f"-{number}" if number else "")
        yield {"model_name": name, "litellm_params": parameters}


def _parameters(backend: Backend) -> dict[str, str]:
    return {
        "model": f"openai/{backend.model}",
        "api_base": backend.base_url,
        "api_key": f"os.environ/{key_variable(backend.key)}" if backend.key else "none",
    }


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
