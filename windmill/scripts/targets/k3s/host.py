"""A cluster as a host: Terraform has applied what runs; it still waits for its key and files."""

from collections.abc import Mapping

from ...model.drawing.deployment import Deployment
from ...provision.ansible import PlaybookResult, TaskEvent
from ...provision.host_configuration import HostConfiguration, OnTask
from .cluster import Cluster, connected
from .documents import carried
from .manifests import keys, labels_of
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
    given = [keys(id, wanted.api_key)]
    if documents.files:
        given.append(documents.config_map(id, labels_of(id)))
    return cluster.apply(given)
