"""What runs on a cluster for a pipeline: our image with its graph, or a model server's image."""

import json
import os
import shlex
from collections.abc import Mapping
from typing import Any

from ...model.drawing.deployment import Deployment
from ...model.drawing.replicas import count_of
from ...model.drawing.served import pipeline_document
from ...model.drawing.services import environments_of
from ..pods import PODS, WORKSPACE, Pod, pod_of
from ..protocol import Order
from .companions import beside, language_model
from .container import SECRET, SECRET_FIELD, Workload
from .documents import DOCUMENTS, carried
from .errors import TooLarge
from .images import image_of

PORT = 8000
GRAPH = "/etc/mlops/pipeline.json"
DATA = "/data"
# One environment variable carries it, and Linux takes 128 KiB of such.
MOST_GRAPH = 120_000


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
        secrets={pod.key_variable: (SECRET, SECRET_FIELD)} if pod.key_variable else {},
        folders=(WORKSPACE,),
        cpus=compute.cpus or 1,
        memory_gb=compute.memory_gb or 4,
        gpu=compute.gpu,
        replicas=count_of(order.pipeline),
    )


def _api(order: Order) -> Workload:
    compute = order.pipeline.compute
    documents = carried(order.pipeline)
    (environment,) = environments_of(order.pipeline, order.components)
    asked, keys = language_model(order)
    return Workload(
        image=image_of(environment),
        args=["--pipeline", GRAPH, "--host", "0.0.0.0", "--port", str(PORT), "--data-dir", DATA],  # noqa: S104 - inside its pod
        port=PORT,
        health_path="/health",
        env={**_settings(order.deployment), **asked},
        secrets={"API_KEY": (SECRET, SECRET_FIELD), **keys},
        graph=_graph(pipeline_document(order.deployment, documents.pipeline or order.pipeline)),
        folders=(DATA,),
        documents=documents,
        cpus=(not asked and compute.cpus) or 0.25,
        memory_gb=(not asked and compute.memory_gb) or 1,
        beside=beside(order),
        replicas=count_of(order.pipeline),
    )


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
