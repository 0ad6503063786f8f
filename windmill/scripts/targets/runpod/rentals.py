"""RunPod's Pods as machines that are rented by the hour."""

from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from ...model.cost.offer import Offer
from ..pods import WORKSPACE
from ..rental.provider import Machine, Server
from .api import Gpu, Mounts, PersistentVolume, Pod, PodOrder
from .client import PROVIDER, RunpodClient, runpod_client

FAILED = ("EXITED", "ERROR", "TERMINATED")
# RunPod's proxy ends a request after 100 seconds, so long answers must be streamed.
PROXY = "https://{pod}-{port}.proxy.runpod.net"


class RunpodRentals:
    name = PROVIDER

    def __init__(self, client: RunpodClient, proxy: str = PROXY) -> None:
        self._client = client
        self._proxy = proxy

    def machines(self) -> Sequence[Machine]:
        return [_machine(pod) for pod in self._client.pods()]

    def machine(self, id: str) -> Machine | None:
        pod = self._client.pod(id)
        return None if pod is None else _machine(pod)

    def end(self, id: str) -> None:
        self._client.terminate(id)

    def create(self, server: Server, offer: Offer, name: str) -> Machine:
        return _machine(self._client.create(pod_order(server, offer, name)))

    def url(self, id: str, port: int) -> str:
        return self._proxy.format(pod=id, port=port)


def pod_order(server: Server, offer: Offer, name: str) -> PodOrder:
    pod = server.pod
    env = {variable: SecretStr(value) for variable, value in pod.env.items()}
    if pod.key_variable:
        env[pod.key_variable] = server.key
    return PodOrder(
        name=name,
        image=pod.image,
        args=pod.args,
        env=env,
        ports=(f"{pod.port}/http",),
        gpu=Gpu(id=offer.machine, count=server.gpus),
        cloud="COMMUNITY" if offer.pool == "COMMUNITY" else "SECURE",
        data_centers=(offer.region,) if offer.region else None,
        disk=server.disk_gb,
        mounts=Mounts(persistent=PersistentVolume(size=server.volume_gb, path=WORKSPACE)),
    )


def _machine(pod: Pod) -> Machine:
    failed, running = pod.status in FAILED, pod.status == "RUNNING"
    place = pod.data_center or ""
    return Machine(pod.id, pod.name, pod.cost, running=running, failed=failed, place=place)


def runpod_rentals(key: SecretStr, environment: Mapping[str, str]) -> RunpodRentals:
    """RUNPOD_PROXY_URL is for where its machines are reached by another way than its proxy."""
    proxy = environment.get("RUNPOD_PROXY_URL") or PROXY
    return RunpodRentals(runpod_client(key, environment), proxy)
