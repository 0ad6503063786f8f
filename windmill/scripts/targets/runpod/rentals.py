"""RunPod's Pods as machines that are rented by the hour."""

import time
from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from ..rental.provider import Machine
from .api import Pod, PodOrder
from .client import ADDRESS, PROVIDER, RunpodClient

FAILED = ("EXITED", "ERROR", "TERMINATED")


class RunpodRentals:
    name = PROVIDER

    def __init__(self, client: RunpodClient) -> None:
        self._client = client

    def machines(self) -> Sequence[Machine]:
        return [_machine(pod) for pod in self._client.pods()]

    def machine(self, id: str) -> Machine | None:
        pod = self._client.pod(id)
        return None if pod is None else _machine(pod)

    def end(self, id: str) -> None:
        self._client.terminate(id)

    def create(self, order: PodOrder) -> Machine:
        return _machine(self._client.create(order))


def _machine(pod: Pod) -> Machine:
    failed, running = pod.status in FAILED, pod.status == "RUNNING"
    return Machine(pod.id, pod.name, pod.cost, running=running, failed=failed)


def runpod_rentals(key: SecretStr, environment: Mapping[str, str]) -> RunpodRentals:
    """RUNPOD_API_BASE_URL is the name that the vendor's own tools have for another address."""
    address = environment.get("RUNPOD_API_BASE_URL") or ADDRESS
    return RunpodRentals(RunpodClient(key, sleep=time.sleep, address=address))
