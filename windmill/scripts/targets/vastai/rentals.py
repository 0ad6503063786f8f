"""Vast.ai's instances as machines that are rented by the hour."""

import shlex
from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from ...model.cost.offer import Offer
from ..rental.errors import OfferRefused, ProviderFailed
from ..rental.provider import Machine, Server
from .api import Instance, InstanceOrder, disk_gb
from .client import VastaiClient, vastai_client
from .refusals import PROVIDER

STOPPED = "it was stopped: outbid, or by somebody; its disk goes on costing"


class VastaiRentals:
    name = PROVIDER

    def __init__(self, client: VastaiClient) -> None:
        self._client = client

    def machines(self) -> Sequence[Machine]:
        return [_machine(instance) for instance in self._client.instances()]

    def machine(self, id: str) -> Machine | None:
        instance = self._client.instance(int(id))
        return None if instance is None else _machine(instance)

    def create(self, server: Server, offer: Offer, name: str) -> Machine:
        """Of what the market offers now: a list price names no machine."""
        if not offer.pool.isdecimal():
            raise OfferRefused(PROVIDER, "a list price, and nobody's machine")
        bid = offer.machine_usd if offer.spot else None
        made = self._client.rent(int(offer.pool), instance_order(server, name, bid))
        return Machine(str(made), name, offer.hourly_usd, running=False)

    def end(self, id: str) -> None:
        self._client.destroy(int(id))

    def url(self, id: str, port: int) -> str:
        """Of its host's own address: plain HTTP, for nobody stands before it."""
        instance = self._client.instance(int(id))
        mapped = (instance.ports or {}).get(f"{port}/tcp") if instance else None
        if instance is None or not instance.public_ipaddr or not mapped:
            raise ProviderFailed(PROVIDER, f"instance {id} tells no address for port {port}")
        return f"http://{instance.public_ipaddr}:{mapped[0].HostPort}"


def instance_order(server: Server, name: str, bid: float | None = None) -> InstanceOrder:
    """`bid`: in USD an hour, for a machine that goes to whoever bids more."""
    pod = server.pod
    env = {variable: SecretStr(value) for variable, value in pod.env.items()}
    if pod.key_variable:
        env[pod.key_variable] = server.key
    return InstanceOrder(
        label=name,
        image=pod.image,
        disk=disk_gb(server.volume_gb),
        ports=(pod.port,),
        env=env,
        args=tuple(shlex.split(pod.args)),
        bid=bid,
    )


def _machine(instance: Instance) -> Machine:
    """It runs once it has an address, too."""
    up = instance.actual_status == "running" and bool(instance.public_ipaddr and instance.ports)
    return Machine(
        str(instance.id),
        instance.label or "",
        instance.dph_total or 0.0,
        running=up,
        failed=instance.never_runs or instance.was_stopped,
        why=STOPPED if instance.was_stopped else "it failed",
    )


def vastai_rentals(key: SecretStr, environment: Mapping[str, str]) -> VastaiRentals:
    return VastaiRentals(vastai_client(key, environment))
