"""Which cluster a deployment goes to: it is asked whether it can be, and nothing is left there."""

from collections.abc import Mapping
from typing import Any

from ...model.base.errors import InvalidInput, Problem
from ...model.base.short_form import with_defaults
from ...model.base.target import SETTINGS, Target
from ...model.drawing.deployment import Deployment
from ...model.drawing.place import HostPlace
from ...model.schemas.values import check_values
from .cluster import Cluster, opened
from .errors import ClusterForbids, NamespaceTaken
from .kubeconfig import access
from .manifests import labels_of

KNOWN = SETTINGS[Target.k3s]
NEEDED = (
    ("create", "namespaces"),
    ("delete", "namespaces"),
    ("create", "deployments.apps"),
    ("create", "secrets"),
    ("create", "networkpolicies.networking.k8s.io"),
)


def place_of(settings: Mapping[str, Any], deployment: Deployment) -> HostPlace:
    """Raises InvalidInput, KubeconfigRefused, NoKubectl, ClusterError, NamespaceTaken."""
    wanted = _settled(settings, deployment.place)
    found = access(wanted["kubeconfig"], wanted.get("context", ""))
    with opened(found) as cluster:
        version = cluster.run("version", "--output=yaml")
        _require_rights(cluster, deployment.id)
        _require_ours(cluster, deployment.id)
    print(f"{found.server} runs Kubernetes {_version(version)}")
    return HostPlace(
        host=found.host,
        port=found.port,
        user=found.context,
        key=wanted["kubeconfig"],
        namespace=deployment.id,
    )


def _settled(settings: Mapping[str, Any], before: HostPlace | None) -> dict[str, Any]:
    """What is left out stays as it was."""
    known = {"kubeconfig": before.key, "context": before.user} if before else {}
    given = {**known, **{name: value for name, value in settings.items() if value is not None}}
    problems = [
        Problem(f"{field} {message}", f"target_settings.{field}", fix, code="E-CAT-005")
        for field, message, fix in check_values(KNOWN, given)
    ]
    if problems:
        raise InvalidInput(problems)
    return with_defaults(KNOWN, given)


def _require_rights(cluster: Cluster, namespace: str) -> None:
    missing = [
        f"{verb} {what}"
        for verb, what in NEEDED
        if not cluster.may(verb, what, f"--namespace={namespace}")
    ]
    if missing:
        raise ClusterForbids(server=cluster.server, reason=", ".join(missing))


def _require_ours(cluster: Cluster, namespace: str) -> None:
    """What is somebody else's would be deleted with the deployment."""
    found = cluster.get("namespace", namespace)
    labels = found.get("metadata", {}).get("labels") or {}
    if found and not labels_of(namespace).items() <= labels.items():
        raise NamespaceTaken(namespace=namespace, server=cluster.server)


def _version(told: str) -> str:
    server = told.partition("serverVersion:")[2]
    return server.partition("gitVersion:")[2].split("\n")[0].strip() or "of unknown version"
