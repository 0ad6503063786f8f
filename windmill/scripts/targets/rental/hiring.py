"""The rented machine of a deployment, as the steps of its flow need it."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict

from pydantic import SecretStr

from ...model.cost.offer import Offer
from ...model.cost.optimizer import Candidate
from ...model.drawing.deployment import Deployment
from ...model.drawing.pipeline import Compute, Pipeline
from ...provision.errors import NoPod
from ...store.attempts import Attempt, Attempts, AttemptState
from ...store.reading import RegistryReader
from ...store.registry import Registry, utc_now
from ..pods import pod_of
from ..protocol import RentedMachine
from .desks import RENTALS, desk_of
from .provider import Server
from .rented_target import MODULE
from .renting import Order, never, rent
from .settling import release

RENTED = AttemptState.rented
ITS_OWN = "it is on this machine already, at the price that it was rented for"
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
    may_cost: Callable[[float], bool] = never,
) -> RentedMachine:
    """The one there is, where the same was ordered before; else the first that can be had, and
    only then anything is asked of `offers`. `may_cost`: see Order.

    `key` is what callers of its server must show. Raises NothingRented, RentalError.
    """
    desk = desk_of(str(deployment.target), registry, say)
    server = server_of(pipeline, key)
    order = Order(
        deployment.id,
        digest_of(server, pipeline.compute),
        pipeline.compute.max_hourly_usd,
        lambda offer, name: desk.provider.create(server, offer, name),
        may_cost,
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


def held(registry: RegistryReader, deployment: Deployment, pipeline: Pipeline) -> Candidate | None:
    """The machine that was rented for the same order, for what it is paid; None where deploying
    this would need another one."""
    try:
        digest = digest_of(server_of(pipeline, key=""), pipeline.compute)
    except NoPod:
        return None
    opened = Attempts(registry.engine, utc_now).open(deployment.id)
    same = [each for each in opened if (each.state, each.order_digest) == (RENTED, digest)]
    return Candidate(offer=_as_paid(same[-1]), reason=ITS_OWN) if same else None


def _as_paid(attempt: Attempt) -> Offer:
    taken = Offer.model_validate_json(attempt.offer)
    price = attempt.hourly_usd or taken.hourly_usd  # some tell it only once the machine runs
    parts = {} if price == taken.hourly_usd else {"machine_usd": None, "disk_usd": None}
    return taken.model_copy(update={"hourly_usd": price, **parts})


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
