"""The rented machine of a deployment, as the steps of its flow need it."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict

from pydantic import SecretStr

from ...model.cost.offer import Offer
from ...model.drawing.deployment import Deployment
from ...model.drawing.pipeline import Compute, Pipeline
from ...store.attempts import Attempts
from ...store.registry import Registry
from ..pods import pod_of
from ..protocol import RentedMachine
from .desks import RENTALS, desk_of
from .provider import Server
from .rented_target import MODULE
from .renting import Order, rent
from .settling import release

DISK_GB = 40  # of the container: it holds the image
Say = Callable[[str], None]


def is_rented(deployment: Deployment) -> bool:
    return deployment.target in RENTALS


def hired(
    registry: Registry,
    deployment: Deployment,
    pipeline: Pipeline,
    offers: Iterable[Offer],
    key: str,
    say: Say,
) -> RentedMachine:
    """The one there is, where the same was ordered before; else the first that can be had.

    `key` is what callers of its server must show. Raises NothingRented, RentalError.
    """
    desk = desk_of(str(deployment.target), registry, say)
    server = server_of(pipeline, key)
    order = Order(
        deployment.id,
        digest_of(server, pipeline.compute),
        pipeline.compute.max_hourly_usd,
        lambda offer, name: desk.provider.create(server, offer, name),
    )
    attempt = rent(desk, order, offers)
    url = desk.provider.url(attempt.machine_id, server.pod.port)
    return RentedMachine(attempt.machine_id, url, attempt.hourly_usd)


def server_of(pipeline: Pipeline, key: str) -> Server:
    """Raises NoPod."""
    compute = pipeline.compute
    return Server(
        pod=pod_of(pipeline),
        gpus=compute.gpu.count if compute.gpu else 1,
        disk_gb=DISK_GB,
        volume_gb=compute.disk_gb or DISK_GB,
        key=SecretStr(key),
    )


def digest_of(server: Server, compute: Compute) -> str:
    """What makes two orders the same: what runs and what it needs, and not what it costs."""
    needs = compute.model_dump(mode="json", exclude={"max_hourly_usd"})
    content = [asdict(server.pod), server.gpus, server.disk_gb, server.volume_gb, needs]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def on_its_machine(registry: Registry, deployment: Deployment) -> Deployment:
    """As it will be once it is live: on the machine that was rented last."""
    if not is_rented(deployment):
        return deployment
    held = registry.root_config(deployment.id)["module"][MODULE]
    on_it = {"machine": held["machine_id"], "endpoint_url": held["url"]}
    return deployment.model_copy(update=on_it)


def give_back_others(registry: Registry, deployment: Deployment, say: Say) -> None:
    """Ends what was rented for it, but the machine that it is on. Raises NotEnded, RentalError."""
    if not is_rented(deployment):
        return
    desk = desk_of(str(deployment.target), registry, say)
    open_ = desk.books.open(deployment.id)
    for its_own in (each.name for each in open_ if each.machine_id == deployment.machine):
        release(desk, deployment.id, keep=its_own)


def has_rented(registry: Registry, deployment: Deployment) -> bool:
    return bool(Attempts(registry.engine, registry.clock).open(deployment.id))
