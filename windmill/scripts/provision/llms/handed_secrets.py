"""What a deployment's processes are handed, and no log may show: as `configure_host` hands it."""

from collections.abc import Iterator

from ...model.base.derived_secrets import api_key, derived_secret
from ...model.drawing.deployment import Deployment
from ...model.drawing.llm_keys import StoredKey
from ...model.drawing.pipeline import Pipeline
from ...store.registry import Registry
from ...worker.instance import platform_key, stored_key
from .litellm_models import backends_of, named_endpoints


def handed_secrets(registry: Registry, deployment: Deployment, pipeline: Pipeline) -> Iterator[str]:
    own = platform_key()
    yield api_key(own, deployment.id)
    for purpose in ("litellm", "model-server"):
        yield derived_secret(own, purpose, deployment.id)
    for backend in backends_of(pipeline):
        if backend.key:
            yield StoredKey.read(backend.key, stored_key(backend.key)).key.get_secret_value()
    for each in named_endpoints(pipeline, list(registry.list())):
        yield api_key(own, each.id)
