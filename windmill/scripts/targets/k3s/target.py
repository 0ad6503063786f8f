"""A Kubernetes cluster of one's own, k3s or any other: one namespace a deployment."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import PurePath, PurePosixPath
from typing import Any

from ...model.base.errors import TargetRefused
from ...model.base.target import OWN, Target
from ...model.cost.offer import Offer
from ...model.drawing.component import Component
from ...model.drawing.deployment import Deployment
from ...model.drawing.pipeline import Compute, Pipeline
from ...model.drawing.place import HostPlace
from ...model.drawing.services import environments_of
from ...provision.errors import NoPod
from ...provision.health import Probe
from ...provision.reach import MOST_BYTES, Reach, whole_lines
from ..pods import PODS, READY, pod_of
from ..protocol import COMMON_OUTPUTS, Order, Placement
from .cluster import Cluster, connected
from .companions import companion_misfits
from .container import NAME
from .errors import NoKubectl
from .forward import forwarded
from .images import image_missing
from .manifests import as_list, kustomization, resources
from .placing import place_of
from .workload import PORT, workload_of

# Of a model server that is served alone; all others say it as our own API does.
HEALTH = {"ollama": "/api/version", "llamafactory": "/v1/models"}


class K3s:
    name = "k3s"
    module = "k3s"
    planned = ""
    alone = ""
    outputs = (*COMMON_OUTPUTS, "namespace")
    secrets: Sequence[str] = ()

    def unavailable(self) -> str:
        return "" if shutil.which("kubectl") else f"{NoKubectl().message} {NoKubectl.fix}"

    def machine(self, deployment: Deployment) -> str:
        return ""

    def misfits(self, pipeline: Pipeline, components: Mapping[str, Component]) -> list[str]:
        if any(node.component in PODS for node in pipeline.nodes):
            return list(_server_misfits(pipeline))
        return list(_api_misfits(pipeline, components))

    def offers(self, needs: Compute) -> list[Offer]:
        reason = "a cluster that you have costs nothing more"
        return [Offer(target=Target.k3s, name=OWN[Target.k3s], hourly_usd=0.0, reason=reason)]

    def place(
        self, settings: Mapping[str, Any], deployment: Deployment, others: Sequence[Deployment]
    ) -> Placement:
        return Placement({"api": PORT}, place_of(settings, deployment))

    def variables(self, order: Order) -> dict[str, Any]:
        """Raises TooLarge, PathRefused."""
        deployment, workload = order.deployment, workload_of(order)
        return {
            "deployment_id": deployment.id,
            "kustomization": json.dumps(kustomization(deployment, workload), sort_keys=True),
            "resources": as_list(resources(deployment, workload)),
            "pipeline": workload.graph,
        }

    def urls(self, deployment: Deployment, services: Sequence[str]) -> dict[str, str]:
        api = _api(deployment)
        (probe,) = self.probes(deployment, services)
        own = {} if READY.keys() & {*services} else {"docs": f"{api}/docs"}
        return {"api": api, "health": probe.url, "metrics": f"{api}/metrics", **own}

    def probes(self, deployment: Deployment, services: Sequence[str]) -> list[Probe]:
        path = next((HEALTH[name] for name in services if name in HEALTH), "/health")
        return [Probe("api", f"{_api(deployment)}{path}", PurePosixPath(deployment.id, "api.log"))]

    @contextmanager
    def reach(self, deployment: Deployment) -> Iterator[Reach]:
        with connected(require_place(deployment)) as cluster:
            there = (deployment.id, NAME, deployment.ports["api"])
            with forwarded(cluster, *there) as forward:
                yield Reach(
                    {_api(deployment): forward},
                    lambda log, count: _tail(cluster, deployment, log, count),
                )

    @contextmanager
    def surroundings(self, deployment: Deployment) -> Iterator[Mapping[str, str]]:
        with connected(require_place(deployment)) as cluster:
            yield {"MLOPS_KUBECONFIG": str(cluster.config), "KUBERC": "off"}


def require_place(deployment: Deployment) -> HostPlace:
    if deployment.place is None:
        reason = f"{deployment.name} has no cluster any more."
        raise TargetRefused(target=Target.k3s.value, reason=reason, fix="Deploy it again.")
    return deployment.place


def _api(deployment: Deployment) -> str:
    return f"http://{NAME}.{deployment.id}.svc:{deployment.ports['api']}"


def _server_misfits(pipeline: Pipeline) -> Iterator[str]:
    try:
        pod_of(pipeline)
    except NoPod as error:
        yield error.message


def _api_misfits(pipeline: Pipeline, components: Mapping[str, Component]) -> Iterator[str]:
    yield from companion_misfits(pipeline, components)
    if len(environments := environments_of(pipeline, components)) > 1:
        yield f"no one image holds both {' and '.join(environments)}"
    if missing := image_missing():
        yield missing


def _tail(cluster: Cluster, deployment: Deployment, log: PurePath, count: int) -> Sequence[str]:
    options = (f"--namespace={deployment.id}", f"--tail={count}", f"--limit-bytes={MOST_BYTES}")
    which = f"--container={log.stem}"
    return whole_lines(cluster.run("logs", f"deployment/{NAME}", which, *options).encode(), count)
