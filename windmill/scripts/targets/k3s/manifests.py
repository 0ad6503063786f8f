"""What Kubernetes is told about a deployment: data from beginning to end, never a template.

All of it is labelled with the deployment's id, which is its namespace, too.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from ...model.drawing.deployment import Deployment
from .companions import CONFIG
from .container import LLM_SECRET, NAME, SECRET, SECRET_FIELD, Workload
from .documents import Carried
from .workload import GRAPH, PORT

USER = 10001
CHECKSUM = "mlops/litellm-config"
MANAGED_BY = {"app.kubernetes.io/managed-by": "mlops"}
# The pipelines may read the whole internet, and not what a cloud tells its own machines.
METADATA = {"0.0.0.0/0": ["169.254.0.0/16"], "::/0": ["fe80::/10", "fd00:ec2::/32"]}
GIB = 1024**3


def labels_of(deployment_id: str) -> dict[str, str]:
    return {**MANAGED_BY, "app.kubernetes.io/instance": deployment_id}


def resources(deployment: Deployment, workload: Workload) -> list[dict[str, Any]]:
    return [
        _namespace(deployment),
        _network_policy(deployment, workload),
        _service(deployment),
        _pods(deployment, workload),
    ]


def kustomization(deployment: Deployment, workload: Workload) -> dict[str, Any]:
    """A change of the graph is a new name, and a new name rolls the pods."""
    graph = {
        "name": "pipeline",
        "namespace": deployment.id,
        "files": ["pipeline.json"],
        "options": {"labels": labels_of(deployment.id)},
    }
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["resources.json"],
        "configMapGenerator": [graph] if workload.graph else [],
    }


def keys(deployment_id: str, api_key: str) -> dict[str, Any]:
    return _secret(deployment_id, SECRET, {SECRET_FIELD: api_key})


def llm_keys(deployment_id: str, by_variable: Mapping[str, str]) -> dict[str, Any]:
    return _secret(deployment_id, LLM_SECRET, by_variable)


def config_map(deployment_id: str, name: str, text: str) -> dict[str, Any]:
    """Of LiteLLM: what it asks, and never a key."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(deployment_id, name),
        "data": {PurePosixPath(CONFIG).name: text},
    }


def restarted(deployment_id: str, config: Mapping[str, Any]) -> list[str]:
    """What kubectl is told so that the pods read it anew: a file that is mounted by its name alone
    never changes under them, and LiteLLM reads its own once. Told twice it changes nothing."""
    digest = hashlib.sha256(json.dumps(config["data"], sort_keys=True).encode()).hexdigest()
    told = {"spec": {"template": {"metadata": {"annotations": {CHECKSUM: digest}}}}}
    options = ["--type=merge", "--field-manager=mlops-restart", f"--patch={json.dumps(told)}"]
    return ["patch", "deployment", NAME, f"--namespace={deployment_id}", *options]


def as_list(documents: list[dict[str, Any]]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": documents}, sort_keys=True)


def plain(text: str) -> str:
    """Kubernetes puts variables, secret ones too, where `$(NAME)` stands in a value."""
    return text.replace("$", "$$")


def _secret(deployment_id: str, name: str, fields: Mapping[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": _metadata(deployment_id, name),
        "type": "Opaque",
        "stringData": dict(fields),
    }


def _metadata(deployment_id: str, name: str) -> dict[str, Any]:
    return {"name": name, "namespace": deployment_id, "labels": labels_of(deployment_id)}


def _namespace(deployment: Deployment) -> dict[str, Any]:
    labels = {**labels_of(deployment.id), "pod-security.kubernetes.io/enforce": "restricted"}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": deployment.id,
            "labels": labels,
            "annotations": {"mlops/name": deployment.name},
        },
    }


def _network_policy(deployment: Deployment, workload: Workload) -> dict[str, Any]:
    """In: its own namespace and those of other pipelines. Out: anywhere but cloud metadata."""
    blocks = [{"ipBlock": {"cidr": cidr, "except": out}} for cidr, out in METADATA.items()]
    ours = {"namespaceSelector": {"matchLabels": MANAGED_BY}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": _metadata(deployment.id, NAME),
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                {
                    "from": [{"podSelector": {}}, ours],
                    "ports": [{"protocol": "TCP", "port": workload.port}],
                }
            ],
            # The first for the cluster's own names, wherever its DNS listens.
            "egress": [{"to": [{"namespaceSelector": {}}]}, {"to": blocks}],
        },
    }


def _service(deployment: Deployment) -> dict[str, Any]:
    port = {"name": "http", "port": PORT, "targetPort": "http"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(deployment.id, NAME),
        "spec": {"selector": labels_of(deployment.id), "ports": [port]},
    }


def _pods(deployment: Deployment, workload: Workload) -> dict[str, Any]:
    """A new pod answers before an old one goes; of several, one goes while the others answer."""
    told = {"mlops/revision": str(deployment.revision), "mlops/name": deployment.name}
    # One more would need as many GPUs again, which hardly any cluster has to spare.
    in_place = workload.uses_gpu or workload.replicas > 1
    surge = {"maxSurge": 0, "maxUnavailable": 1} if in_place else {"maxSurge": 1}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {**_metadata(deployment.id, NAME), "annotations": told},
        "spec": {
            "replicas": workload.replicas,
            "revisionHistoryLimit": 3,
            "progressDeadlineSeconds": 1800 if workload.uses_gpu else 600,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, **surge}},
            "selector": {"matchLabels": labels_of(deployment.id)},
            "template": {
                "metadata": {"labels": labels_of(deployment.id), "annotations": told},
                "spec": _pod(workload),
            },
        },
    }


def _pod(workload: Workload) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(one) for one in workload.all],
        "volumes": [volume for one in workload.all for volume in _volumes(one)],
    }


def _container(workload: Workload) -> dict[str, Any]:
    port = _port(workload)
    alive = {"tcpSocket": {"port": port}}
    return {
        "name": workload.name,
        "image": workload.image,
        "args": [plain(word) for word in workload.args],
        "ports": [{"name": port, "containerPort": workload.port}],
        "env": _environment(workload),
        # All that LiteLLM asks has its key there, by names that only its configuration knows.
        "envFrom": [{"secretRef": {"name": LLM_SECRET}}] if workload.config else [],
        # It may learn or download for long before it listens or answers.
        "startupProbe": {**alive, "periodSeconds": 1, "failureThreshold": 1800},
        "livenessProbe": {**alive, "periodSeconds": 15, "failureThreshold": 4},
        "readinessProbe": {
            "httpGet": {"path": workload.health_path, "port": port, **_asked_as(workload)},
            "periodSeconds": 2,
            "timeoutSeconds": 5,
        },
        # While it ends, the Service still sends it requests for a moment.
        "lifecycle": {"preStop": {"sleep": {"seconds": 3}}},
        "resources": _needs(workload),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": _mounts(workload),
    }


def _port(workload: Workload) -> str:
    return "http" if workload.name == NAME else workload.name


def _asked_as(workload: Workload) -> dict[str, Any]:
    """What is asked by its pod alone answers to no other name than this."""
    headers = [{"name": "Host", "value": "localhost"}]
    return {} if workload.name == NAME else {"httpHeaders": headers}


def _environment(workload: Workload) -> list[dict[str, Any]]:
    """Images that ask for their user's name and home find none for ours in /etc/passwd."""
    values = {"HOME": "/tmp", "USER": "mlops", **workload.env}  # noqa: S108 - of the container
    told: list[dict[str, Any]] = [{"name": n, "value": plain(v)} for n, v in values.items()]
    for variable, (secret, key) in workload.secrets.items():
        reference = {"secretKeyRef": {"name": secret, "key": key}}
        told.append({"name": variable, "valueFrom": reference})
    return told


def _needs(workload: Workload) -> dict[str, Any]:
    memory = str(int(workload.memory_gb * GIB))
    asked = {"cpu": f"{int(workload.cpus * 1000)}m", "memory": memory}
    gpus = {"nvidia.com/gpu": str(workload.gpu.count)} if workload.gpu else {}
    return {"requests": {**asked, **gpus}, "limits": {"memory": memory, **gpus}}


def _volumes(workload: Workload) -> list[dict[str, Any]]:
    """Folders last as long as their pod: what is learnt is learnt again."""
    names = ["tmp", *(f"folder-{at}" for at, _ in enumerate(workload.folders))]
    volumes: list[dict[str, Any]] = [
        {"name": _volume(workload, name), "emptyDir": {}} for name in names
    ]
    if workload.gpu:
        volumes.append({"name": _volume(workload, "shm"), "emptyDir": {"medium": "Memory"}})
    if workload.config:
        name = _volume(workload, "config")
        volumes.append({"name": name, "configMap": {"name": workload.config}})
    if workload.graph:
        volumes.append({"name": "pipeline", "configMap": {"name": "pipeline"}})
    if workload.documents.files:
        volumes.append({"name": "documents", "configMap": {"name": workload.documents.name}})
    return volumes


def _volume(workload: Workload, name: str) -> str:
    """No two containers of a pod write to one."""
    return name if workload.name == NAME else f"{workload.name}-{name}"


def _mounts(workload: Workload) -> list[dict[str, Any]]:
    paths = {"tmp": "/tmp"}  # noqa: S108 - of the container
    paths |= {f"folder-{at}": path for at, path in enumerate(workload.folders)}
    if workload.gpu:
        paths["shm"] = "/dev/shm"  # noqa: S108 - of the container
    mounts: list[dict[str, Any]] = [
        {"name": _volume(workload, name), "mountPath": path} for name, path in paths.items()
    ]
    if workload.config:
        name = _volume(workload, "config")
        mounts.append(_file(name, CONFIG, PurePosixPath(CONFIG).name))
    if workload.graph:
        mounts.append(_file("pipeline", GRAPH, "pipeline.json"))
    return [*mounts, *_document_mounts(workload.documents)]


def _document_mounts(documents: Carried) -> list[dict[str, Any]]:
    files = enumerate(documents.files)
    return [_file("documents", path, f"f{at}") for at, (path, _) in files]


def _file(volume: str, path: str, key: str) -> dict[str, Any]:
    """A whole ConfigMap would be mounted as links into a hidden folder, which the gate refuses."""
    return {"name": volume, "mountPath": path, "subPath": key, "readOnly": True}
