"""Which models LiteLLM asks for a pipeline, and which of its addresses are ours."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..model.drawing.deployment import Deployment
from ..model.drawing.pipeline import Node, Pipeline

GATEWAY = "llm-gateway"


def litellm_settings(
    pipeline: Pipeline, embedded: Mapping[str, str], endpoints: Iterable[str] = ()
) -> dict[str, Any]:
    """The proxy's models in the order they are asked; keys stay names of environment variables."""
    gateways = [node for node in pipeline.nodes if node.component == GATEWAY]
    own = {url: endpoint_variable(url) for url in endpoints}
    chains = [list(_chain(node, embedded, own)) for node in gateways]
    return {
        "models": [model for chain in chains for model in chain],
        "fallbacks": [
            {chain[0]["model_name"]: [model["model_name"] for model in chain[1:]]}
            for chain in chains
            if len(chain) > 1
        ],
        "key_variables": sorted({*map(key_variable, keys_of(pipeline)), *own.values()}),
    }


def keys_of(pipeline: Pipeline) -> set[str]:
    """Names of Windmill variables below `LLM_KEYS`: a pipeline reaches no other secret."""
    nodes = (node for node in pipeline.nodes if node.component == GATEWAY)
    backends = (backend for node in nodes for backend in node.config.get("backends", ()))
    return {backend["key"] for backend in backends if backend.get("key")}


def key_variable(key: str) -> str:
    return f"LLM_KEY_{key.upper()}"


def endpoint_variable(url: str) -> str:
    """Where the proxy finds the key of one of our own deployments."""
    return f"ENDPOINT_KEY_{re.sub('[^A-Za-z0-9]', '_', urlsplit(url).netloc).upper()}"


def named_endpoints(pipeline: Pipeline, deployments: Iterable[Deployment]) -> list[Deployment]:
    """The platform's own deployments that a setting of the pipeline names."""
    texts = list(_texts([node.config for node in pipeline.nodes]))
    answering = [found for found in deployments if found.endpoint_url]
    return [found for found in answering if _is_named(found.endpoint_url, texts)]


def _is_named(url: str, texts: Iterable[str]) -> bool:
    return any(_is_below(text, url) for text in texts)


def _chain(
    node: Node, embedded: Mapping[str, str], own: Mapping[str, str]
) -> Iterable[dict[str, Any]]:
    asked = [_settings(backend, own) for backend in node.config.get("backends", ())]
    asked.insert(0 if node.config.get("embedded") == "first" else len(asked), dict(embedded))
    for number, parameters in enumerate(asked):
        name = str(node.config["model"]) + (f"-{number}" if number else "")
        yield {"model_name": name, "litellm_params": parameters}


def _settings(backend: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    variable = _variable(backend, own)
    return {
        "model": f"openai/{backend['model']}",
        "api_base": backend["base_url"],
        "api_key": f"os.environ/{variable}" if variable else "none",
    }


def _variable(backend: Mapping[str, str], own: Mapping[str, str]) -> str:
    """What holds the key for this address; empty where none is needed."""
    if key := backend.get("key"):
        return key_variable(key)
    return next((own[url] for url in own if _is_below(backend["base_url"], url)), "")


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
