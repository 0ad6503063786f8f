"""Any Debian or Ubuntu machine that one can log in to."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import PurePath, PurePosixPath
from typing import Any

import httpx

from ...model.base.errors import TargetRefused
from ...model.base.target import OWN, Target
from ...model.cost.offer import Offer
from ...model.drawing.component import Component
from ...model.drawing.deployment import Deployment
from ...model.drawing.pipeline import Compute, Pipeline
from ...model.drawing.place import LOOPBACK, HostPlace
from ...model.drawing.services import services_of
from ...provision.health import Probe
from ...provision.reach import MOST_BYTES, Reach, whole_lines
from ...provision.ssh.session import Session
from ..addresses import base_url, probes_of, services_missing, urls_of
from ..protocol import COMMON_OUTPUTS, Order, Placement
from .by_name import CADDY, by_name, caddy_log, named_url
from .connection import connected
from .placing import place_of

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what a person chose is shown by the host's address


class Ssh:
    name = "ssh"
    module = "ssh"
    planned = ""
    alone = ""
    outputs = (*COMMON_OUTPUTS, "ports", "root")
    secrets: Sequence[str] = ()

    def unavailable(self) -> str:
        return ""

    def machine(self, deployment: Deployment) -> str:
        return ""

    def misfits(self, pipeline: Pipeline, components: Mapping[str, Component]) -> list[str]:
        gpu = pipeline.compute.gpu
        told = (
            f"it uses no GPU so far; {gpu.count} with {gpu.memory_gb:g} GB is needed" if gpu else ""
        )
        return [*services_missing(pipeline, components), *filter(None, [told])]

    def offers(self, needs: Compute) -> list[Offer]:
        reason = "a machine that you have costs nothing more"
        return [Offer(target=Target.ssh, name=OWN[Target.ssh], hourly_usd=0.0, reason=reason)]

    def place(
        self, settings: Mapping[str, Any], deployment: Deployment, others: Sequence[Deployment]
    ) -> Placement:
        return place_of(settings, deployment, others)

    def variables(self, order: Order) -> dict[str, Any]:
        deployment, place = order.deployment, require_place(order.deployment)
        return {
            "deployment_id": deployment.id,
            "name": deployment.name,
            "host": place.host,
            "port": place.port,
            "user": place.user,
            "api_host": _api_host(place),
            "server_name": place.server_name,
            "root": place.root,
            "ports": deployment.ports,
            "services": services_of(order.pipeline, order.components),
            "labels": {"deployment": deployment.id, "revision": str(deployment.revision)},
        }

    def urls(self, deployment: Deployment, services: Sequence[str]) -> dict[str, str]:
        """Where only the API is bound elsewhere, only it can be asked."""
        place = require_place(deployment)
        api = named_url(place) or base_url(deployment.ports["api"], _api_host(place))
        return urls_of(deployment, services if place.is_private else (), api)

    def probes(self, deployment: Deployment, services: Sequence[str]) -> list[Probe]:
        """The API is asked past Caddy too: what does not answer is named."""
        place = require_place(deployment)
        logs = PurePosixPath(place.root) / "logs"
        own = probes_of(deployment, services, logs, _api_host(place))
        by_name = Probe(CADDY, f"{named_url(place)}/health", logs / f"{CADDY}.log")
        return [*own, by_name] if place.server_name else own

    @contextmanager
    def reach(self, deployment: Deployment) -> Iterator[Reach]:
        place = require_place(deployment)
        with connected(place, deployment.id) as session:
            yield Reach(
                _mounts(session, deployment),
                lambda log, count: _log_end(session, deployment, log, count),
            )

    def surroundings(self, deployment: Deployment) -> AbstractContextManager[Mapping[str, str]]:
        return nullcontext({})


def require_place(deployment: Deployment) -> HostPlace:
    if deployment.place is None:
        reason = f"{deployment.name} has no host any more."
        raise TargetRefused(target=Target.ssh.value, reason=reason, fix="Deploy it again.")
    return deployment.place


def _api_host(place: HostPlace) -> str:
    return place.host if place.listens in EVERYWHERE else place.listens


def _mounts(session: Session, deployment: Deployment) -> dict[str, httpx.BaseTransport]:
    """What listens on the host's own loopback is reached through the connection."""
    place = require_place(deployment)
    on_loopback = place.listens == LOOPBACK
    ports = {name: port for name, port in deployment.ports.items() if on_loopback or name != "api"}
    own = {
        base_url(port, LOOPBACK): httpx.HTTPTransport(uds=str(session.forward(port)))
        for port in ports.values()
    }
    return {**own, **by_name(session, deployment)}


def _log_end(session: Session, deployment: Deployment, log: PurePath, count: int) -> Sequence[str]:
    place = require_place(deployment)
    if log.stem == CADDY:
        return caddy_log(session, place, count)
    tail = _container_log if place.docker else _tail
    return tail(session, deployment, log, count)


def _tail(session: Session, deployment: Deployment, log: PurePath, count: int) -> Sequence[str]:
    tail = 'tail -n "$1" "$2" 2>/dev/null | tail -c "$3"'
    command = ["sh", "-c", tail, "sh", str(count), str(log), str(MOST_BYTES)]
    return whole_lines(session.run(command).encode(), count)


def _container_log(
    session: Session, deployment: Deployment, log: PurePath, count: int
) -> Sequence[str]:
    container = f"mlops-{deployment.id}-{log.stem}"
    tail = 'docker logs --tail "$1" "$2" 2>&1 | tail -c "$3"'
    command = ["sh", "-c", tail, "sh", str(count), container, str(MOST_BYTES)]
    return whole_lines(session.run(command).encode(), count)
