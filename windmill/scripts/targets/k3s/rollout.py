"""Has what was applied come up? What keeps a pod from running is told in words, and soon."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...model.base.errors import MlopsError
from .cluster import Cluster
from .container import NAME
from .errors import ImageNotPulled, NoRoom, PodFailed

POLL_SECONDS = 0.5
# A cluster may add a node for it, and a secret may come a moment after the pod.
PATIENCE_SECONDS = 60
LOG_LINES = 5
IMAGE_REASONS = ("ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName")
START_REASONS = ("CrashLoopBackOff", "CreateContainerConfigError", "RunContainerError")


@dataclass(frozen=True)
class Sight:
    """What the cluster says of a deployment: its Deployment and the pods, the newest last."""

    namespace: str
    deployment: Mapping[str, Any]
    pods: Sequence[Mapping[str, Any]]

    @property
    def is_settled(self) -> bool:
        """The newest run; and where older ones answer, the newest answer in their place."""
        if not self._is_seen or not self.pods:
            return False
        status = self.deployment.get("status", {})
        wanted = self._wanted
        replaced = status.get("replicas", 0) == status.get("updatedReplicas", 0) == wanted
        whole = replaced and status.get("availableReplicas", 0) >= wanted
        return whole or (len(self.pods) == wanted and replaced and self._all_run)

    @property
    def told(self) -> str:
        """A line for who waits."""
        return "; ".join(f"pod {_name(pod)}: {_state(pod)}" for pod in self.pods) or "no pod yet"

    def troubles(self) -> Iterator[tuple[MlopsError, float]]:
        """What keeps a newest pod from running, and for how many seconds that may pass."""
        for pod in self.pods[-self._wanted :]:
            yield from self._of_pod(pod)
        for condition in self.deployment.get("status", {}).get("conditions", ()):
            late = condition.get("reason") == "ProgressDeadlineExceeded"
            if self._is_seen and late and self.pods:
                yield self._failed(self.pods[-1], "it was not ready in time"), 0
            if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
                pod = {"metadata": {"name": f"of deployment/{NAME}"}}
                yield self._failed(pod, str(condition.get("message"))), PATIENCE_SECONDS

    def _of_pod(self, pod: Mapping[str, Any]) -> Iterator[tuple[MlopsError, float]]:
        for condition in pod.get("status", {}).get("conditions", ()):
            if condition.get("reason") == "Unschedulable":
                yield NoRoom(reason=condition.get("message", "")), PATIENCE_SECONDS
        for container in pod.get("status", {}).get("containerStatuses", ()):
            waits = container.get("state", {}).get("waiting", {})
            reason, message = waits.get("reason", ""), waits.get("message", "")
            if reason in IMAGE_REASONS:
                yield ImageNotPulled(image=container.get("image", ""), reason=message), 0
            if reason in START_REASONS:
                yield self._failed(pod, f"{reason}: {message}"), PATIENCE_SECONDS / 2

    def _failed(self, pod: Mapping[str, Any], reason: str) -> PodFailed:
        return PodFailed(pod=_name(pod), namespace=self.namespace, reason=reason)

    @property
    def _is_seen(self) -> bool:
        """The controller has looked at what was applied last."""
        generation = self.deployment.get("metadata", {}).get("generation")
        return bool(generation == self.deployment.get("status", {}).get("observedGeneration"))

    @property
    def _wanted(self) -> int:
        return int(self.deployment.get("spec", {}).get("replicas", 1))

    @property
    def _all_run(self) -> bool:
        return all(map(_runs, self.pods))


def sight(cluster: Cluster, namespace: str) -> Sight:
    found = cluster.get("deployments,pods", f"--namespace={namespace}").get("items", [])
    deployments = [one for one in found if one["kind"] == "Deployment"]
    pods = [one for one in found if one["kind"] == "Pod" and not _is_going(one)]
    pods.sort(key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
    return Sight(namespace, deployments[0] if deployments else {}, pods)


def wait_until_up(
    look: Callable[[], Sight],
    say: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Raises ImageNotPulled, NoRoom, PodFailed."""
    since: dict[str, float] = {}
    told = ""
    while not (seen := look()).is_settled:
        if not seen.deployment:
            reason = "the cluster has no deployment of it any more; destroy it and deploy again"
            raise PodFailed(pod=NAME, namespace=seen.namespace, reason=reason)
        troubles = list(seen.troubles())
        since = {e.code: since.get(e.code, clock()) for e, _ in troubles}
        for error, patience in troubles:
            if clock() - since[error.code] >= patience:
                raise error
        if seen.told != told:
            told = seen.told
            say(told)
        sleep(POLL_SECONDS)


def _runs(pod: Mapping[str, Any]) -> bool:
    statuses = pod.get("status", {}).get("containerStatuses", ())
    return bool(statuses) and all("running" in one.get("state", {}) for one in statuses)


def _is_going(pod: Mapping[str, Any]) -> bool:
    return "deletionTimestamp" in pod["metadata"]


def _name(pod: Mapping[str, Any]) -> str:
    return str(pod["metadata"]["name"])


def _state(pod: Mapping[str, Any]) -> str:
    statuses = pod.get("status", {}).get("containerStatuses", ())
    waits = [one["state"]["waiting"].get("reason", "waits") for one in statuses if _waits(one)]
    return ", ".join(waits) or str(pod.get("status", {}).get("phase", "unknown"))


def _waits(status: Mapping[str, Any]) -> bool:
    return "waiting" in status.get("state", {})
