"""A cluster as a host: Terraform has applied what runs; it still waits for its key and files."""

from collections.abc import Mapping
from typing import Any

from ...model.drawing.deployment import Deployment
from ...model.drawing.services import services_of
from ...provision.ansible import PlaybookResult, TaskEvent
from ...provision.host_configuration import HostConfiguration, OnTask
from ...provision.llms.embedded import LITELLM_KEY, MODEL_SERVER_KEY
from ...provision.llms.litellm_models import endpoint_variable
from .cluster import Cluster, connected
from .companions import LITELLM, config_name, litellm_configuration
from .documents import carried
from .manifests import config_map, keys, labels_of, llm_keys, restarted
from .rollout import sight, wait_until_up
from .target import require_place


class K3sHost:
    def prepare(self, wanted: HostConfiguration, on_task: OnTask) -> PlaybookResult:
        with connected(require_place(wanted.deployment)) as cluster:
            changed = _give(cluster, wanted)
            on_task(_event("give it its key and documents", changed))
            namespace = wanted.deployment.id
            wait_until_up(lambda: sight(cluster, namespace), lambda said: on_task(_event(said)))
        return PlaybookResult(ok=2, changed=int(changed), failed=0, skipped=0)

    def clear(self, deployment: Deployment, playbooks: Mapping[str, str]) -> None:
        """Terraform deletes the namespace, and everything is in it."""


def _event(task: str, changed: bool = False) -> TaskEvent:
    return TaskEvent(task, "cluster", "changed" if changed else "ok")


def _give(cluster: Cluster, wanted: HostConfiguration) -> bool:
    """Whether the cluster did not have them."""
    id, documents = wanted.deployment.id, carried(wanted.pipeline)
    of_model = _of_language_model(wanted)
    given = [keys(id, wanted.api_key), *of_model]
    if documents.files:
        given.append(documents.config_map(id, labels_of(id)))
    configs = [each for each in of_model if each["kind"] == "ConfigMap"]
    stale = [each for each in configs if _differs(cluster, each)]
    changed = cluster.apply(given)
    for config in stale:
        cluster.run(*restarted(id, config))
    return changed


def _differs(cluster: Cluster, config: Mapping[str, Any]) -> bool:
    """From the one of its name, which the pods that run have read."""
    metadata = config["metadata"]
    there = cluster.get("configmap", metadata["name"], f"--namespace={metadata['namespace']}")
    return bool(there) and there.get("data") != config["data"]


def _of_language_model(wanted: HostConfiguration) -> list[dict[str, Any]]:
    """The other deployments that it asks are known only now, and so are their keys."""
    pipeline, deployment = wanted.pipeline, wanted.deployment
    if LITELLM not in services_of(pipeline, wanted.components):
        return []
    by_variable = {
        LITELLM_KEY: wanted.litellm_key,
        MODEL_SERVER_KEY: wanted.model_server_key,
        **wanted.backend_keys,
        **{endpoint_variable(url): key for url, key in wanted.endpoint_keys.items()},
    }
    told = litellm_configuration(pipeline, wanted.components, wanted.endpoint_keys)
    config = config_map(deployment.id, config_name(deployment.revision), told)
    return [llm_keys(deployment.id, by_variable), config]
