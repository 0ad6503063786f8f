"""What runs on a cluster for a pipeline: our image with its graph, or a model server's image."""

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...model.drawing.deployment import Deployment
from ...model.drawing.pipeline import Gpu
from ...model.drawing.replicas import count_of
from ...model.drawing.served import pipeline_document
from ...model.drawing.services import environments_of
from ..pods import PODS, WORKSPACE, Pod, pod_of
from ..protocol import Order
from .documents import DOCUMENTS, NOTHING, Carried, carried
from .errors import TooLarge

IMAGE = "MLOPS_SERVING_IMAGE"  # {environment} in it is serving, serving-ml or serving-speech
PORT = 8000
GRAPH = "/etc/mlops/pipeline.json"
DATA = "/data"
# One environment variable carries it, and Linux takes 128 KiB of such.
MOST_GRAPH = 120_000


@dataclass(frozen=True)
class Workload:
    """`memory_gb` and `cpus` are asked for; `graph` is what `serving` reads, empty for others."""

    image: str
    args: Sequence[str]
    port: int
    health_path: str
    env: Mapping[str, str] = field(default_factory=dict)
    key_variable: str = ""
    graph: str = ""
    folders: Sequence[str] = ()
    documents: Carried = NOTHING
    cpus: float = 0.25
    memory_gb: float = 1.0
    gpu: Gpu | None = None
    replicas: int = 1


def workload_of(order: Order) -> Workload:
    """Raises TooLarge, PathRefused, NoPod."""
    is_pod = any(node.component in PODS for node in order.pipeline.nodes)
    return _server(order, pod_of(order.pipeline)) if is_pod else _api(order)


def _server(order: Order, pod: Pod) -> Workload:
    compute = order.pipeline.compute
    return Workload(
        image=pod.image,
        args=shlex.split(pod.args),
        port=pod.port,
        health_path=pod.health_path,
        env=pod.env,
        key_variable=pod.key_variable,
        folders=(WORKSPACE,),
        cpus=compute.cpus or 1,
        memory_gb=compute.memory_gb or 4,
        gpu=compute.gpu,
        replicas=count_of(order.pipeline),
    )


def _api(order: Order) -> Workload:
    compute = order.pipeline.compute
    documents = carried(order.pipeline)
    return Workload(
        image=_image(order),
        args=["--pipeline", GRAPH, "--host", "0.0.0.0", "--port", str(PORT), "--data-dir", DATA],  # noqa: S104 - inside its pod
        port=PORT,
        health_path="/health",
        env=_settings(order.deployment),
        key_variable="API_KEY",
        graph=_graph(pipeline_document(order.deployment, documents.pipeline or order.pipeline)),
        folders=(DATA,),
        documents=documents,
        cpus=compute.cpus or 0.25,
        memory_gb=compute.memory_gb or 1,
        replicas=count_of(order.pipeline),
    )


def image_missing() -> str:
    """Why there is no image for our own API; '' where there is."""
    if os.environ.get(IMAGE):
        return ""
    return f"{IMAGE} names no image where the workers run: docs/how-to/deploy-to-kubernetes.md"


def _image(order: Order) -> str:
    (environment,) = environments_of(order.pipeline, order.components)
    return os.environ[IMAGE].replace("{environment}", environment)


def _settings(deployment: Deployment) -> dict[str, str]:
    id = deployment.id
    names = ("api", f"api.{id}", f"api.{id}.svc", f"api.{id}.svc.cluster.local")
    return {
        "ALLOW_ADDRESSES": os.environ.get("ALLOW_ADDRESSES", ""),
        "ALLOW_HOSTS": " ".join([*names, os.environ.get("ALLOW_HOSTS", "")]).strip(),
        "MLOPS_DATA_ROOTS": f"{DOCUMENTS}:{DATA}",
    }


def _graph(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True)
    if len(text) > MOST_GRAPH:
        raise TooLarge(what="the pipeline", size=len(text), most=MOST_GRAPH)
    return text
